import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'

import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import * as Ledger from '../../../metrics/books/Ledger.ts'
import * as Problems from '../../../metrics/books/Problems.ts'
import * as Stored from '../../../metrics/books/Stored.ts'
import * as Postgres from '../../chain/database/postgres.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 6

let postgres: Postgres.Postgres
let client: Client
let sandbox: Sandbox.Sandbox
let ledger: Ledger.Ledger
let problems: Problems.Problems

beforeAll(async () => {
  // The books read columns, whatever else a system keeps there.
  postgres = await Postgres.start({ migrated: false })
  client = new Client({ connectionString: postgres.url })
  await client.connect()
  await client.query('create table ballots (poll_id bigint, voter_index bigint, choice smallint)')
})
afterAll(async () => {
  await client.end()
  await postgres.dispose()
})
beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
  ledger = Ledger.open(sandbox.options.planFolder, Sandbox.START_AT_MS)
  problems = Problems.create()
})
afterEach(async () => {
  sandbox.dispose()
  await client.query('delete from ballots')
})

async function store(
  ...rows: (readonly [pollId: number, voterIndex: number, choice: number])[]
): Promise<void> {
  for (const row of rows) await client.query('insert into ballots values ($1, $2, $3)', [...row])
}

function read(source: Partial<Stored.Source> = {}): Promise<Stored.Stored | undefined> {
  return Stored.read(ledger, { postgresUrl: postgres.url, ...source }, problems)
}

function twice(): number[] {
  return Array.from({ length: BALLOTS }, (_, ballot) => ballot).filter((ballot) =>
    Ledger.has(ledger, ballot, Ledger.STATE.STORED_TWICE),
  )
}

describe('read', () => {
  test('default: the choice of each planned ballot, and all that nobody planned', async () => {
    await store([1, Sandbox.voterOf(0), 2], [1, Sandbox.voterOf(4), 0], [1, 7, 1], [9, 10, 2])
    expect(await read()).toEqual({
      choices: Uint8Array.from([2, Stored.NONE, Stored.NONE, Stored.NONE, 0, Stored.NONE]),
      unplanned: new Map([
        ['1/7', 1],
        ['9/10', 2],
      ]),
      hasAllUnplanned: true,
    })
    expect(twice()).toEqual([])
    expect(problems.list()).toEqual([])
  })

  test('behavior: a ballot that is there twice keeps its first choice, and is marked', async () => {
    await store([1, Sandbox.voterOf(1), 2], [1, Sandbox.voterOf(1), 0])
    expect((await read())?.choices[1]).toBe(2)
    expect(twice()).toEqual([1])
  })

  test('boundary: a choice that no ballot can have is none', async () => {
    await store(
      [1, Sandbox.voterOf(0), 254],
      [1, Sandbox.voterOf(1), 255],
      [1, Sandbox.voterOf(2), 256],
    )
    expect([...((await read())?.choices ?? [])].slice(0, 3)).toEqual([
      254,
      Stored.NONE,
      Stored.NONE,
    ])
  })

  test('behavior: ballots of earlier storms are left out', async () => {
    await store([1, Sandbox.voterOf(0), 0], [2, 7, 0], [3, 7, 0])
    const { unplanned, choices } = (await read({ pollIdMin: 2 })) ?? {}
    expect([...(unplanned?.keys() ?? [])]).toEqual(['2/7', '3/7'])
    expect(choices?.[0]).toBe(Stored.NONE)
  })

  test('boundary: of ballots that nobody planned so many are kept', async () => {
    await client.query(
      'insert into ballots select 9, number, 1 from generate_series(1, 100000) number',
    )
    expect(await read()).toMatchObject({ unplanned: { size: 100_000 }, hasAllUnplanned: true })
    await store([9, 0, 1])
    expect(await read()).toMatchObject({ unplanned: { size: 100_000 }, hasAllUnplanned: false })
  })

  test('behavior: a database that is not there, or has no such table, is a problem', async () => {
    expect(await read({ postgresUrl: 'postgres://127.0.0.1:9/none' })).toBeUndefined()
    const [refused] = problems.list()
    expect(refused).toMatch(/^the database could not be read \(1; first: .*ECONNREFUSED/)
    const url = new URL(postgres.url)
    url.pathname = '/nowhere'
    expect(await read({ postgresUrl: url.href })).toBeUndefined()
    expect(problems.list()[0]).toMatch(/^the database could not be read \(2;/)
  })

  test('behavior: a server that accepts and says nothing is waited for so long, and no longer', async () => {
    const sockets: Socket[] = []
    const server: Server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const postgresUrl = `postgres://user@127.0.0.1:${port}/none`
    expect(await read({ postgresUrl, silenceMsMax: 50 })).toBeUndefined()
    expect(problems.list()).toEqual([
      'the database could not be read (1; first: no answer for 50 ms)',
    ])
    for (const socket of sockets) socket.destroy()
    server.close()
  })
})
