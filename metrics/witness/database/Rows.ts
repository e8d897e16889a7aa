import { DatabaseError, Pool } from 'pg'

import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'
import { numberOf } from '../../contracts/numberOf.ts'
import type { ErrorKind } from '../../rpc/Rpc.ts'
import type { Gap } from './Gaps.ts'

/** A ballot as the database holds it. */
export type Row = { sequence: number; pollId: number; voterIndex: number; choice: number }

/** The table `ballots`, read over one connection; nothing is written, no lock is held. */
export type Rows = {
  /** Host and port: what metrics call the database, without the credentials of its URL. */
  name: string
  /** The database's own clock, in whole Unix seconds. */
  clock(): Promise<number>
  /** Rows above a sequence number, lowest first, at most {@link ROWS_MAX}. */
  above(sequence: number): Promise<Row[]>
  /** Rows in gaps, lowest first, at most {@link ROWS_MAX}. */
  within(gaps: readonly Gap[]): Promise<Row[]>
  /** The rows with these sequence numbers that are there, in no order. */
  at(sequences: readonly number[]): Promise<Row[]>
  close(): Promise<void>
}

/** Rows in an answer: a few ms of work and half a megabyte. */
export const ROWS_MAX = 10_000

/** A server that accepts no connection within this time counts as unreachable. */
const CONNECT_TIMEOUT_MS = 2000

/** The server gives up a reading after this long; under a full storm one takes some ten ms. */
const STATEMENT_TIMEOUT_MS = 10_000

/** We give up a little later: a server that stands still says nothing at all. */
const ANSWER_TIMEOUT_MS = 11_000

/**
 * Always by the primary key. While the table grows the planner knows it as it was, and may scan all
 * of it for every answer: seen, thirty times as slow at a million rows.
 */
const BY_INDEX = '-c enable_seqscan=off -c enable_bitmapscan=off'

/** Prepared once a connection. */
type Query = { name: string; text: string }

const COLUMNS = 'sequence, poll_id, voter_index, choice'

const CLOCK = { name: 'clock', text: 'select floor(extract(epoch from clock_timestamp()))::bigint' }

const ABOVE = {
  name: 'rows-above',
  text: `select ${COLUMNS} from ballots
  where sequence > $1 and sequence <= ${Number.MAX_SAFE_INTEGER} order by sequence limit ${ROWS_MAX}`,
}

/** One look into the index for each gap, however large the table is. */
const WITHIN = {
  name: 'rows-within',
  text: `select ${COLUMNS}
  from unnest($1::bigint[], $2::bigint[]) as gap (first, last),
    lateral (
      select ${COLUMNS} from ballots where sequence between gap.first and gap.last
      order by sequence limit ${ROWS_MAX}
    ) as found
  order by sequence limit ${ROWS_MAX}`,
}

const AT = {
  name: 'rows-at',
  text: `select ${COLUMNS} from ballots where sequence = any($1::bigint[])`,
}

/** @param url - of an account that may read. Connects when first used, and again where it broke. */
export function open(url: string): Rows {
  const { host } = new URL(url)
  const pool = new Pool({
    connectionString: url,
    application_name: 'witness',
    max: 1,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    options: BY_INDEX,
  })
  // Whoever waits for an answer hears of a broken connection; without listeners it ends the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))

  const ask = async (query: Query, values: unknown[]): Promise<string[][]> => {
    try {
      const { rows } = await pool.query<string[]>({ ...query, values, rowMode: 'array' })
      return rows
    } catch (cause) {
      throw new UnreadableError(host, cause)
    }
  }
  return {
    name: host,
    async clock() {
      const [row] = await ask(CLOCK, [])
      return Number(row?.[0])
    },
    above: async (sequence) => (await ask(ABOVE, [sequence])).map(rowOf),
    async within(gaps) {
      if (gaps.length === 0) return []
      const ends = [gaps.map(({ first }) => first), gaps.map(({ last }) => last)]
      return (await ask(WITHIN, ends)).map(rowOf)
    },
    at: async (sequences) => (await ask(AT, [sequences])).map(rowOf),
    close: () => pool.end(),
  }
}

function rowOf([sequence, pollId, voterIndex, choice]: string[]): Row {
  return {
    sequence: Number(sequence),
    pollId: numberOf(pollId),
    voterIndex: numberOf(voterIndex),
    choice: numberOf(choice),
  }
}

/** The database gave no usable answer. */
export class UnreadableError extends BallotstormError {
  override readonly name = 'Rows.UnreadableError'
  readonly code = 'DATABASE_UNREADABLE'
  readonly exitCode = 107
  readonly remedy =
    'Check that PostgreSQL runs there, and that the account may select from the table.'
  readonly kind: ErrorKind
  constructor(host: string, cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    super(`The table ballots at ${host} cannot be read (${detail}).`, { cause })
    this.kind = cause instanceof DatabaseError ? 'refused' : 'connection'
  }
}
