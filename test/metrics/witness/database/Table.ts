import { randomBytes } from 'node:crypto'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Client } from 'pg'

import * as Polls from '../../../../chain/database/Polls.ts'
import type { Observation } from '../../../../metrics/witness/Observation.ts'
import * as Postgres from '../../../chain/database/postgres.ts'

/** A table of ballots on a real server, and a file of observations. */
export type Table = {
  postgres: Postgres.Postgres
  observationsFile: string
  /** Connects as the API would; the test closes it. */
  connect(): Promise<Client>
  /** Empties table and file. */
  clear(): Promise<void>
  query(text: string, values?: unknown[]): Promise<void>
  /** Stores a ballot of poll 1. */
  insert(voterIndex: number, choice: number, client?: Client): Promise<void>
  record: (observation: Observation) => void
  observed(): Observation[]
  dispose(): Promise<void>
}

export async function start(): Promise<Table> {
  const postgres = await Postgres.start()
  const pool = Postgres.connect(postgres.url)
  const times = { opensAt: 1, closesAt: 2, sealsAt: 3 }
  const pollDigest = Buffer.alloc(32, 1)
  const poll = { pollId: 1, pollDigest, question: '?', options: ['one', 'two'], ...times }
  await Polls.insert(pool, [poll])
  const observationsFile = join(postgres.folder, 'observations.jsonl')
  const clear = async (): Promise<void> => {
    writeFileSync(observationsFile, '')
    await pool.query('truncate ballots restart identity')
  }
  await clear()
  return {
    postgres,
    observationsFile,
    clear,
    async connect() {
      const client = new Client({ connectionString: postgres.url })
      client.on('error', () => undefined)
      await client.connect()
      return client
    },
    async query(text, values = []) {
      await pool.query(text, values)
    },
    async insert(voterIndex, choice, client) {
      await (client ?? pool).query(INSERT, [randomBytes(32), voterIndex, choice])
    },
    record: (observation) => appendFileSync(observationsFile, `${JSON.stringify(observation)}\n`),
    observed: () =>
      readFileSync(observationsFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line): Observation => JSON.parse(line)),
    async dispose() {
      await pool.end()
      await postgres.dispose()
    },
  }
}

/** What the witness tells of each block's ballots: row, voter, choice. */
export function ballotsOf(lines: readonly Observation[]): [string, number, number][][] {
  return lines.flatMap((line) =>
    line.kind === 'block'
      ? [
          line.casts.map(([, voterIndex, choice, at]): [string, number, number] => [
            line.transactions[at] ?? '',
            voterIndex,
            choice,
          ]),
        ]
      : [],
  )
}

const INSERT = `insert into ballots
  (ballot_hash, poll_id, voter_index, choice, signature, accepted_at_ms, receipt_signature)
  values ($1, 1, $2, $3, decode(repeat('11', 65), 'hex'), 0, decode(repeat('22', 65), 'hex'))`
