import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import * as Polls from '../../../chain/database/Polls.ts'
import type * as Pool from '../../../chain/database/Pool.ts'
import * as Postgres from '../database/postgres.ts'
import * as Api from './api.ts'
import * as City from './city.ts'

const NOW_S = Math.floor(Date.now() / 1000)

let postgres: Postgres.Postgres
let pool: Pool.Pool

beforeAll(async () => {
  postgres = await Postgres.start()
  pool = Postgres.connect(postgres.url)
  await Polls.insert(pool, [City.poll(1, NOW_S)])
})

// What waited for long would be a backlog to the next API.
beforeEach(() => pool.query('truncate ballots'))

afterAll(async () => {
  await pool.end()
  await postgres.dispose()
})

const apis: Api.Api[] = []
afterEach(async () => {
  for (const api of apis.splice(0)) await api.dispose()
})

async function start(config: object): Promise<Api.Api> {
  const api = await Api.start(postgres.url, config)
  apis.push(api)
  return api
}

/** Tables with a cell that holds these bytes, in any column of any of our tables. */
async function tablesWith(bytes: Buffer): Promise<string[]> {
  const { rows } = await pool.query<{ table: string }>(
    "select quote_ident(table_name) as table from information_schema.tables where table_schema = 'public'",
  )
  const found: string[] = []
  for (const { table } of rows) {
    const held = await pool.query(
      `select from ${table} as row where to_jsonb(row)::text like $1 limit 1`,
      [`%${bytes.toString('hex')}%`],
    )
    if ((held.rowCount ?? 0) > 0) found.push(table)
  }
  return found
}

/** Files below a folder that hold these bytes, raw or as hex. */
async function filesWith(folder: string, bytes: Buffer): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name)
    const content = await readFile(file)
    const isThere = content.includes(bytes) || content.includes(bytes.toString('hex'))
    if (isThere) found.push(file)
  }
  return found
}

/** The two halves of a signature: each alone would betray it, whatever stands between them. */
async function placesOf(signature: string): Promise<{ tables: string[]; files: string[] }> {
  await pool.query('checkpoint')
  const bytes = Buffer.from(signature.slice(2), 'hex')
  const halves = [bytes.subarray(0, 32), bytes.subarray(32, 64)]
  const tables = await Promise.all(halves.map(tablesWith))
  const files = await Promise.all(halves.map((half) => filesWith(postgres.folder, half)))
  return { tables: tables.flat(), files: files.flat() }
}

describe('record', { timeout: 60_000 }, () => {
  test('behavior: where the database is the record, no signature is left anywhere', async () => {
    const api = await start({ record: 'database' })
    const body = City.ballot(1, 1, 2)
    const taken = await api.call('POST', '/polls/1/ballots', body)
    expect(taken.status).toBe(202)
    // It is checked all the same.
    const forged = { ...City.ballot(1, 2, 0), signature: body.signature }
    const refused = await api.call('POST', '/polls/1/ballots', forged)
    expect(refused.json.code).toBe('SIGNATURE_INVALID')
    expect((await api.call('POST', '/polls/1/ballots', body)).json).toEqual(taken.json)
    expect(await placesOf(body.signature)).toEqual({ tables: [], files: [] })
    expect(
      await tablesWith(Buffer.from(taken.json.receipt?.ballotHash.slice(2) ?? '', 'hex')),
    ).toEqual(['ballots'])
  })

  test('behavior: where the chain is the record, the same search finds it', async () => {
    const api = await start({ record: 'chain' })
    const body = City.ballot(1, 3, 1)
    expect((await api.call('POST', '/polls/1/ballots', body)).status).toBe(202)
    const { tables, files } = await placesOf(body.signature)
    expect(tables).toContain('ballots')
    expect(files.length).toBeGreaterThan(1)
    expect(files.some((file) => file.includes('pg_wal'))).toBe(true)
  })

  test('behavior: without a relayer no backlog is held against a ballot', async () => {
    const body = City.ballot(1, 4, 1)
    // Two blocks take longer than the time until the poll is sealed.
    const slow = { record: 'database', blockTimeMs: 600_000 }
    const carrying = await start(slow)
    expect((await carrying.call('POST', '/polls/1/ballots', body)).json.code).toBe('BACKLOG')
    const alone = await start({ ...slow, hasRelayer: false })
    expect((await alone.call('POST', '/polls/1/ballots', body)).status).toBe(202)
  })

  test('behavior: the result is the database’s own count, once the poll is sealed', async () => {
    await Polls.insert(pool, [
      { ...City.poll(2, NOW_S), closesAt: NOW_S - 20, sealsAt: NOW_S - 10 },
    ])
    // Voters far apart: they are counted range by range.
    await pool.query(
      `insert into ballots (ballot_hash, poll_id, voter_index, choice, accepted_at_ms, receipt_signature)
       select sha256(i::text::bytea), 2, i * 100_000, i % 3 / 2, 0, $1 from generate_series(0, 9) as i`,
      [Buffer.alloc(65)],
    )
    const api = await start({ record: 'database' })
    const { text } = await api.call('GET', '/polls/2/tally')
    expect(JSON.parse(text)).toEqual({ pollId: 2, votes: [7, 3, 0] })
    expect((await api.call('GET', '/polls/1/tally')).json.code).toBe('TALLY_NOT_SEALED')
  })
})
