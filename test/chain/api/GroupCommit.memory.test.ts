import { setImmediate as turn } from 'node:timers/promises'

import { describe, expect, test } from 'vitest'

import * as GroupCommit from '../../../chain/api/GroupCommit.ts'
import type * as Ballots from '../../../chain/database/Ballots.ts'
import { keccak256 } from '../../../scenarios/ballots/keccak256.ts'
import { word } from '../../../scenarios/ballots/word.ts'
import * as MemoryTable from './MemoryTable.ts'

/** `GroupCommit.test.ts` holds the same against a real server; here each way of failing is quick. */

function entry(voterIndex: number, choice = 0, acceptedAtMs = 1, pollId = 1): Ballots.Entry {
  return {
    ballotHash: keccak256(word(pollId), word(voterIndex), word(choice)),
    pollId,
    voterIndex,
    choice,
    signature: undefined,
    acceptedAtMs,
    receiptSignature: Buffer.alloc(65, acceptedAtMs),
  }
}

type Options = Partial<GroupCommit.Options> & { isShut?: boolean; endings?: MemoryTable.Ending[] }

function create({ isShut = false, endings = [], ...over }: Options = {}) {
  const table = MemoryTable.create({ isShut })
  table.endings.push(...endings)
  const options = { pool: table.pool, ballotsQueuedMax: 10_000, nowMs: () => 0, ...over }
  return { table, commits: GroupCommit.create(options) }
}

/** A clock that moves on by so much each time it is asked. */
function ticking(stepMs: number): () => number {
  let nowMs = -stepMs
  return () => (nowMs += stepMs)
}

function kinds(results: readonly GroupCommit.CommitResult[]): string[] {
  return results.map(({ kind }) => kind)
}

describe('submit', () => {
  test('default: a ballot is durable once it is stored, with its own receipt', async () => {
    const { commits, table } = create()
    expect(await commits.submit(entry(1, 0, 7))).toEqual({
      kind: 'durable',
      isNew: true,
      acceptedAtMs: 7,
      receiptSignature: Buffer.alloc(65, 7),
    })
    expect(table.rows.size).toBe(1)
    expect(table.released).toEqual({ count: 1, broken: 0 })
  })

  test('behavior: what comes together shares a group, of 500 at most', async () => {
    const groups: { ballots: number; durationS: number }[] = []
    const { commits } = create({ observe: (group) => groups.push(group), nowMs: ticking(250) })
    const results = await Promise.all(
      Array.from({ length: 501 }, (_, voter) => commits.submit(entry(voter))),
    )
    expect(new Set(kinds(results))).toEqual(new Set(['durable']))
    // The clock is asked as a group begins, for its deadline, and at its end.
    expect(groups).toEqual([
      { ballots: 500, durationS: 0.5 },
      { ballots: 1, durationS: 0.5 },
    ])
  })

  test('behavior: the voters of a group are stored in the order of the keys, so that nobody deadlocks', async () => {
    const { commits, table } = create()
    const submitted = [entry(9, 0, 1, 2), entry(8), entry(3, 0, 1, 2), entry(5)]
    await Promise.all(submitted.map((one) => commits.submit(one)))
    const stored = [...table.rows.values()].map((row) => [row.poll_id, row.voter_index])
    expect(stored).toEqual([
      [1, 5],
      [1, 8],
      [2, 3],
      [2, 9],
    ])
  })

  test('behavior: the same ballot twice in a group is new once, and has one receipt', async () => {
    const { commits } = create()
    const results = await Promise.all([
      commits.submit(entry(1, 0, 5)),
      commits.submit(entry(1, 0, 9)),
    ])
    expect(results).toMatchObject([
      { kind: 'durable', isNew: true, acceptedAtMs: 5 },
      { kind: 'durable', isNew: false, acceptedAtMs: 5 },
    ])
  })

  test('behavior: the same ballot later is not new, and gets the first receipt', async () => {
    const { commits } = create()
    await commits.submit(entry(1, 0, 5))
    expect(await commits.submit(entry(1, 0, 9))).toMatchObject({
      kind: 'durable',
      isNew: false,
      acceptedAtMs: 5,
      receiptSignature: Buffer.alloc(65, 5),
    })
  })

  test('behavior: another ballot of a voter is not stored, beside one that is', async () => {
    const { commits } = create()
    await commits.submit(entry(1, 0))
    const results = await Promise.all([commits.submit(entry(1, 1)), commits.submit(entry(2))])
    expect(kinds(results)).toEqual(['other', 'durable'])
  })

  test('behavior: a full queue refuses at once, and one ballot less is let in', async () => {
    const { commits, table } = create({ ballotsQueuedMax: 2, isShut: true })
    const waiting = [commits.submit(entry(1)), commits.submit(entry(2))]
    expect([commits.isFull(), commits.depth()]).toEqual([true, 2])
    expect(await commits.submit(entry(3))).toEqual({ kind: 'refused' })
    await turn()
    await turn()
    // They are in the group under way now.
    expect([commits.isFull(), commits.depth()]).toEqual([false, 0])
    waiting.push(commits.submit(entry(4)))
    expect([commits.isFull(), commits.depth()]).toEqual([false, 1])
    table.open()
    expect(kinds(await Promise.all(waiting))).toEqual(['durable', 'durable', 'durable'])
  })

  test('behavior: a queue without room lets nobody in', async () => {
    const { commits } = create({ ballotsQueuedMax: 0 })
    expect(commits.isFull()).toBe(true)
    expect(await commits.submit(entry(1))).toEqual({ kind: 'refused' })
  })

  test('behavior: the queue is drained when nothing waits and nothing is under way', async () => {
    const { commits } = create()
    await commits.drained()
    let isDone = false
    void commits.submit(entry(1)).then(() => (isDone = true))
    await commits.drained()
    expect(isDone).toBe(true)
    // And it works on afterwards.
    expect((await commits.submit(entry(2))).kind).toBe('durable')
  })
})

describe('a database that fails', () => {
  test.each<[string, MemoryTable.Ending, string]>([
    ['has no connection for a moment', 'unreachable', 'durable'],
    ['goes away before the commit', 'cut before', 'durable'],
    ['goes away after the commit', 'cut after', 'durable'],
    ['says no', { code: '23505' }, 'refused'],
    ['is short of room', { code: '53100' }, 'refused'],
    ['is told to go down', { code: '57P01' }, 'durable'],
    ['breaks inside', { code: 'XX000' }, 'durable'],
    ['cannot write', { code: '58030' }, 'durable'],
    ['loses the connection', { code: '08006' }, 'durable'],
    ['gives no code', { code: undefined }, 'durable'],
    ['has a code that only holds these digits', { code: '22P08' }, 'refused'],
  ])('behavior: one that %s once', async (_, ending, kind) => {
    const { commits, table } = create({ endings: [ending] })
    expect((await commits.submit(entry(1, 0, 3))).kind).toBe(kind)
    expect(table.rows.size).toBe(kind === 'durable' ? 1 : 0)
    const isBroken = ending !== 'unreachable'
    expect(table.released.broken).toBe(isBroken ? 1 : 0)
  })

  test('behavior: what was committed before the connection broke keeps its receipt', async () => {
    const { commits } = create({ endings: ['cut after'] })
    const result = await commits.submit(entry(1, 0, 3))
    expect(result).toMatchObject({ acceptedAtMs: 3, isNew: true })
  })

  test('behavior: after five seconds a ballot that may be stored is unknown, one that cannot be is refused', async () => {
    const broken = create({ endings: ['cut before', 'unreachable'], nowMs: ticking(2500) })
    expect((await broken.commits.submit(entry(1))).kind).toBe('unknown')
    const away = create({ endings: ['unreachable', 'unreachable'], nowMs: ticking(2500) })
    expect((await away.commits.submit(entry(1))).kind).toBe('refused')
    // One more attempt is made just before the time is over.
    const back = create({ endings: ['unreachable'], nowMs: ticking(2499) })
    expect((await back.commits.submit(entry(1))).kind).toBe('durable')
  })

  test('behavior: a refusal after an interrupted attempt leaves open what became of the ballot', async () => {
    const { commits } = create({ endings: ['cut before', { code: '23505' }] })
    expect((await commits.submit(entry(1))).kind).toBe('unknown')
  })

  test('behavior: between two attempts it is left alone for a tenth of a second', async () => {
    const { commits } = create({ endings: ['unreachable'] })
    const startedMs = performance.now()
    await commits.submit(entry(1))
    expect(performance.now() - startedMs).toBeGreaterThan(90)
  })
})
