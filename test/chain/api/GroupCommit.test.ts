import { createServer, connect, type Socket } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as GroupCommit from '../../../chain/api/GroupCommit.ts'
import type * as Ballots from '../../../chain/database/Ballots.ts'
import * as Polls from '../../../chain/database/Polls.ts'
import * as Pool from '../../../chain/database/Pool.ts'
import { freePort } from '../../../chain/processes/freePort.ts'
import { keccak256 } from '../../../scenarios/ballots/keccak256.ts'
import { word } from '../../../scenarios/ballots/word.ts'
import * as Postgres from '../database/postgres.ts'
import * as City from './city.ts'

let postgres: Postgres.Postgres
let pool: Pool.Pool
/** Each test votes in a poll of its own. */
let pollId = 0

beforeAll(async () => {
  postgres = await Postgres.start()
  pool = Pool.create({ url: postgres.url, connectionsMax: 4, name: 'test' })
  await Polls.insert(
    pool,
    Array.from({ length: 20 }, (_, index) => City.poll(index + 1, 1000)),
  )
})

afterAll(async () => {
  await pool.end()
  await postgres.dispose()
})

const nowMs = () => performance.now()

function create(over: Partial<GroupCommit.Options> = {}): GroupCommit.GroupCommit {
  return GroupCommit.create({ pool, ballotsQueuedMax: 10_000, nowMs, ...over })
}

function entry(voterIndex: number, choice: number, acceptedAtMs = 1): Ballots.Entry {
  return {
    ballotHash: keccak256(word(pollId), word(voterIndex), word(choice)),
    pollId,
    voterIndex,
    choice,
    signature: Buffer.alloc(65, voterIndex),
    acceptedAtMs,
    receiptSignature: Buffer.alloc(65, acceptedAtMs),
  }
}

async function storedCount(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from ballots where poll_id = $1',
    [pollId],
  )
  return rows[0]?.count ?? -1
}

/** A way to the server that `onAnswer` may cut, when the server answers a statement. */
async function proxy(onAnswer: (client: Socket, statement: string) => boolean) {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(new URL(postgres.url).port), '127.0.0.1')
    let statement = ''
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('data', (chunk) => {
      statement = chunk.toString('latin1')
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (onAnswer(client, statement)) client.destroy()
      else client.write(chunk)
    })
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.destroy())
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const url = new URL(postgres.url)
  url.port = String(port)
  const own = Pool.create({ url: url.href, connectionsMax: 2, name: 'cut' })
  return {
    pool: own,
    async close() {
      await own.end()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('submit', () => {
  test('default', async () => {
    pollId = 1
    const groups: number[] = []
    const commits = create({ observe: ({ ballots }) => groups.push(ballots) })
    const outcomes = await Promise.all(
      Array.from({ length: 1200 }, (_, voter) => commits.submit(entry(voter, 0, 7))),
    )
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['durable']))
    expect(outcomes[0]).toEqual({
      kind: 'durable',
      isNew: true,
      acceptedAtMs: 7,
      receiptSignature: Buffer.alloc(65, 7),
    })
    expect(await storedCount()).toBe(1200)
    expect(groups).toEqual([500, 500, 200])
  })

  test('behavior: the same ballot later gets the first receipt', async () => {
    pollId = 2
    const commits = create()
    await commits.submit(entry(1, 0, 5))
    expect(await commits.submit(entry(1, 0, 9))).toEqual({
      kind: 'durable',
      isNew: false,
      acceptedAtMs: 5,
      receiptSignature: Buffer.alloc(65, 5),
    })
    expect(await storedCount()).toBe(1)
  })

  test('behavior: the same ballot twice in a group gets one receipt', async () => {
    pollId = 3
    const commits = create()
    const [first, second] = await Promise.all([
      commits.submit(entry(1, 0, 5)),
      commits.submit(entry(1, 0, 9)),
    ])
    expect(first).toMatchObject({ kind: 'durable', isNew: true, acceptedAtMs: 5 })
    expect(second).toMatchObject({ kind: 'durable', isNew: false, acceptedAtMs: 5 })
  })

  test('behavior: of two ballots of a voter in a group the first counts', async () => {
    pollId = 4
    const commits = create()
    const outcomes = await Promise.all([
      commits.submit(entry(1, 0)),
      commits.submit(entry(2, 2)),
      commits.submit(entry(1, 1)),
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['durable', 'durable', 'other'])
  })

  test('behavior: a later ballot of a voter is another', async () => {
    pollId = 5
    const commits = create()
    await commits.submit(entry(1, 0))
    expect(await commits.submit(entry(1, 1))).toEqual({ kind: 'other' })
  })

  test('behavior: two processes race for the same voters', async () => {
    pollId = 6
    const voters = Array.from({ length: 400 }, (_, voter) => voter)
    const [left, right] = [create(), create()]
    const [upwards, downwards] = await Promise.all([
      Promise.all(voters.map((voter) => left.submit(entry(voter, 0)))),
      Promise.all(voters.toReversed().map((voter) => right.submit(entry(voter, voter % 2)))),
    ])
    downwards.reverse()
    const kinds = new Set(
      voters.map((voter) => `${voter % 2} ${upwards[voter]?.kind} ${downwards[voter]?.kind}`),
    )
    // Even voters sent the same ballot twice, odd ones two different ballots.
    expect([...kinds].filter((kind) => kind.startsWith('0'))).toEqual(['0 durable durable'])
    expect([...kinds].filter((kind) => !/^0|^1 (durable other|other durable)$/.test(kind))).toEqual(
      [],
    )
    expect(await storedCount()).toBe(400)
  })

  test('behavior: a full queue refuses at once', async () => {
    pollId = 7
    const commits = create({ ballotsQueuedMax: 2 })
    const outcomes = [0, 1, 2].map((voter) => commits.submit(entry(voter, 0)))
    expect(commits.isFull()).toBe(true)
    expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual([
      'durable',
      'durable',
      'refused',
    ])
    expect(commits.isFull()).toBe(false)
    expect(await storedCount()).toBe(2)
  })

  test('behavior: a connection that breaks after the commit loses and doubles nothing', async () => {
    pollId = 8
    let cuts = 0
    const way = await proxy(
      (_client, statement) => statement.includes('insert-ballots') && cuts++ === 0,
    )
    const outcomes = await Promise.all(
      [0, 1, 2].map((voter) => create({ pool: way.pool }).submit(entry(voter, 0, 3))),
    )
    expect(cuts).toBeGreaterThan(1)
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['durable', 'durable', 'durable'])
    expect(await storedCount()).toBe(3)
    await way.close()
  })

  test('error: an outcome that nobody knows is unknown', { timeout: 20_000 }, async () => {
    pollId = 9
    const way = await proxy((_client, statement) => statement.includes('insert-ballots'))
    expect(await create({ pool: way.pool }).submit(entry(1, 0))).toEqual({ kind: 'unknown' })
    // It was in fact stored: a refusal would have been a lie.
    expect(await storedCount()).toBe(1)
    await way.close()
  })

  test(
    'error: a database that cannot be reached has stored nothing',
    { timeout: 20_000 },
    async () => {
      pollId = 10
      const nowhere = Pool.create({
        url: 'postgres://127.0.0.1:9',
        connectionsMax: 1,
        name: 'none',
      })
      expect(await create({ pool: nowhere }).submit(entry(1, 0))).toEqual({ kind: 'refused' })
      await nowhere.end()
    },
  )

  test('error: a statement that the server refuses has stored nothing', async () => {
    pollId = 999
    expect(await create().submit(entry(1, 0))).toEqual({ kind: 'refused' })
  })
})

describe('drained', () => {
  test('default', async () => {
    pollId = 11
    const commits = create()
    const outcomes = [0, 1, 2].map((voter) => commits.submit(entry(voter, 0)))
    await commits.drained()
    expect(await storedCount()).toBe(3)
    await Promise.all(outcomes)
    await commits.drained()
  })
})
