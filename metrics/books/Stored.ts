import { Socket } from 'node:net'

import { Client } from 'pg'
import QueryStream from 'pg-query-stream'

import * as Ledger from './Ledger.ts'
import type { Problems } from './Problems.ts'

/** What the database holds of the ballots of a plan, and of others. */
export type Stored = {
  /** For each planned ballot the choice, or {@link NONE}: 1 byte a ballot. */
  choices: Uint8Array
  /** The choices of ballots that nobody planned, by {@link keyOf}. */
  unplanned: ReadonlyMap<string, number>
  /** False where there were more of them than are kept. */
  hasAllUnplanned: boolean
}

/** Where the database is read; an account that may only read is enough. */
export type Source = {
  postgresUrl: string
  /** Polls with lower ids are of earlier storms on the same system. @default all polls */
  pollIdMin?: number | undefined
  /** A server that sends nothing for so long has gone. @default 60_000 */
  silenceMsMax?: number | undefined
}

/** The database does not hold the ballot. No choice: those end at 254. */
export const NONE = 255

/** About 100 bytes each. */
const UNPLANNED_MAX = 100_000

const QUERY = 'select poll_id, voter_index, choice from ballots where poll_id >= $1'

/** Rows that the server sends at a time. */
const BATCH_ROWS = 10_000

/** A server that accepts no connection within this time counts as unreachable. */
const CONNECT_TIMEOUT_MS = 5000

const SILENCE_MS_MAX = 60_000

/**
 * Streams all ballots of the database past the ledger. Where it cannot be read that is a problem of
 * the evidence, and the books go on without it.
 *
 * @returns `undefined` where it could not be read to its end.
 */
export async function read(
  ledger: Ledger.Ledger,
  source: Source,
  problems: Problems,
): Promise<Stored | undefined> {
  const choices = new Uint8Array(ledger.count).fill(NONE)
  const unplanned = new Map<string, number>()
  let hasAllUnplanned = true
  const take = (pollId: number, voterIndex: number, choice: number): void => {
    const ballot = ledger.find(pollId, voterIndex)
    if (ballot === -1) {
      if (unplanned.size < UNPLANNED_MAX) unplanned.set(keyOf(pollId, voterIndex), choice)
      else hasAllUnplanned = false
    } else if (choices[ballot] === NONE) {
      // What no ballot can say is none.
      choices[ballot] = choice < NONE ? choice : NONE
    } else {
      Ledger.mark(ledger, ballot, Ledger.STATE.STORED_TWICE)
    }
  }
  try {
    await stream(source, take)
    return { choices, unplanned, hasAllUnplanned }
  } catch (error) {
    problems.add('the database could not be read', error instanceof Error ? error.message : '')
    return undefined
  }
}

/** How {@link Stored.unplanned} are called. */
export function keyOf(pollId: number, voterIndex: number): string {
  return `${pollId}/${voterIndex}`
}

type Take = (pollId: number, voterIndex: number, choice: number) => void

/**
 * Reads all rows. A stream of rows whose connection is gone waits for ever, so whoever goes first
 * decides: the last row, the connection, or our patience.
 */
async function stream(
  { postgresUrl, pollIdMin = Number.MIN_SAFE_INTEGER, silenceMsMax = SILENCE_MS_MAX }: Source,
  take: Take,
): Promise<void> {
  const gone = Promise.withResolvers<never>()
  // Where nobody waits for it any more it is no error.
  gone.promise.catch(() => undefined)
  const silence = setTimeout(
    () => gone.reject(new Error(`no answer for ${silenceMsMax} ms`)),
    silenceMsMax,
  )
  // A socket of our own can be cut, whatever the client waits for.
  const socket = new Socket()
  const client = new Client({
    connectionString: postgresUrl,
    application_name: 'ballotstorm books',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    stream: () => socket,
  })
  client.on('error', gone.reject)
  try {
    await Promise.race([readAll(client, pollIdMin, take, () => silence.refresh()), gone.promise])
  } finally {
    clearTimeout(silence)
    socket.destroy()
  }
}

async function readAll(
  client: Client,
  pollIdMin: number,
  take: Take,
  breathe: () => void,
): Promise<void> {
  await client.connect()
  const size = { batchSize: BATCH_ROWS, highWaterMark: BATCH_ROWS }
  const rows = client.query(new QueryStream(QUERY, [pollIdMin], { rowMode: 'array', ...size }))
  let count = 0
  for await (const [pollId, voterIndex, choice] of rows) {
    take(Number(pollId), Number(voterIndex), Number(choice))
    count += 1
    if (count % BATCH_ROWS === 0) breathe()
  }
  await client.end()
}
