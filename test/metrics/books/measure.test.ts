import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Books } from '../../../metrics/books/reconcile.ts'
import type { Observation } from '../../../metrics/witness/Observation.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Sandbox from './Sandbox.ts'

/** Ballot *k* is intended at *k* × 10 ms of a storm of two seconds. */
const [BALLOTS, STORM_MS] = [10, 2000]
const { START_AT_MS } = Sandbox

let sandbox: Sandbox.Sandbox
beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS, STORM_MS)
})
afterEach(() => sandbox.dispose())

type Told = { attempt?: number; lateMs?: number; answerMs?: number; status?: number }

/** An attempt that left so late after its intended instant, and was answered so long after that. */
function attempt(ballot: number, told: Told = {}): string {
  const { attempt: number = 1, lateMs = 0, answerMs = 20, status = 202 } = told
  const intendedAtMs = START_AT_MS + ballot * 10
  const sentAtMs = intendedAtMs + lateMs
  const body = status === 202 ? sandbox.receipt(ballot) : '{"code":"POLL_CLOSED"}'
  const times = { intendedAtMs, sentAtMs, doneAtMs: sentAtMs + answerMs }
  return HistoryLine.formatAttempt({ ballot, attempt: number, ...times, status, body })
}

/** All ballots in a block that is seen, and final, so long after the start. */
function chain(seenMs: number, finalMs: number): Observation[] {
  const ballots = Array.from({ length: BALLOTS }, (_, ballot) => ballot)
  const casts = ballots.map((ballot): [number, number, number, number] => [
    1,
    Sandbox.voterOf(ballot),
    ballot % 3,
    0,
  ])
  return [
    Sandbox.block(1, casts, { seenAtMs: START_AT_MS + seenMs }),
    Sandbox.final(1, 'a', START_AT_MS + finalMs),
  ]
}

function books(lines: string[], observations: Observation[], deadlineMs = 60_000): Promise<Books> {
  const handed = HistoryLine.formatHandOver({ first: 0, count: BALLOTS, atMs: START_AT_MS })
  sandbox.history(lines, [handed])
  sandbox.observations(observations)
  return sandbox.reconcile({ deadlineMs: START_AT_MS + deadlineMs })
}

function each(told: (ballot: number) => Told = () => ({})): string[] {
  return Array.from({ length: BALLOTS }, (_, ballot) => attempt(ballot, told(ballot)))
}

describe('latency', () => {
  test('behavior: it runs from the intended instant, not from the send: a late send is the voter’s wait', async () => {
    const { latencyMs, answerMs, lateMs } = await books(
      each(() => ({ lateMs: 500 })),
      chain(900, 1000),
    )
    expect(latencyMs.ack).toMatchObject({ p50: 520, max: 520 })
    expect(latencyMs.inclusion.max).toBe(900)
    expect(latencyMs.finality).toMatchObject({ max: 1000, p50: 950 })
    expect(answerMs).toMatchObject({ p50: 20, max: 20 })
    expect(lateMs).toMatchObject({ p50: 500, max: 500 })
  })

  test('behavior: lateness and answer are those of the first attempt, whatever came later', async () => {
    const again = [
      attempt(0, { status: 503, lateMs: 3, answerMs: 7 }),
      attempt(0, { attempt: 2, lateMs: 800, answerMs: 90 }),
    ]
    const lines = [...again, ...each().slice(1)]
    for (const told of [lines, lines.toReversed()]) {
      const { lateMs, answerMs, latencyMs } = await books(told, chain(900, 1000))
      expect(lateMs.max).toBe(3)
      expect(answerMs).toMatchObject({ max: 20, count: 10 })
      // The voter waited for the second answer.
      expect(latencyMs.ack.max).toBe(890)
    }
  })
})

describe('rates', () => {
  test('behavior: they are those of the storm, and what came in the drain is not in them', async () => {
    const { rates } = await books(
      each((ballot) => ({ answerMs: ballot < 4 ? 20 : 3000 })),
      chain(2500, 2600),
    )
    expect(rates).toEqual({ offeredPerS: 5, acknowledgedPerS: 2, finalPerS: 0 })
  })

  test.each([
    [0, 5],
    [1999, 5],
    [2000, 0],
  ])(
    'behavior: finality %i ms after the start gives %i/s: the storm’s end is the first instant after it',
    async (ms, perS) => {
      const { rates } = await books(each(), chain(ms, ms))
      expect(rates.finalPerS).toBe(perS)
    },
  )

  test('behavior: of a storm that was broken off at once there is no rate', async () => {
    const { rates, series } = await books(each(), [], 0)
    expect(rates).toEqual({ offeredPerS: 0, acknowledgedPerS: 0, finalPerS: 0 })
    expect(series.every(({ points }) => points.length === 0)).toBe(true)
  })

  test('behavior: broken off after a second, it is measured over that second', async () => {
    const { rates } = await books(each(), chain(500, 600), 1000)
    expect(rates).toEqual({ offeredPerS: 10, acknowledgedPerS: 10, finalPerS: 10 })
  })
})

function pointsOf({ series }: Books, name: string): (number | null)[] {
  return (series.find((one) => one.name === name)?.points ?? []).map(([, value]) => value)
}

describe('series', () => {
  test('behavior: events stand in the second in which they came, percentiles in that of the voter', async () => {
    const told = await books(
      each((ballot) => ({ answerMs: ballot === 9 ? 1910 : 20 })),
      chain(1000, 2000),
      3000,
    )
    expect(pointsOf(told, 'ballots_offered')).toEqual([10, 0, 0])
    expect(pointsOf(told, 'ballots_acknowledged')).toEqual([9, 0, 1])
    expect(pointsOf(told, 'ballots_included')).toEqual([0, 10, 0])
    expect(pointsOf(told, 'ballots_final')).toEqual([0, 0, 10])
    expect(pointsOf(told, 'ack_latency_p99')).toEqual([1910, null, null])
    expect(pointsOf(told, 'ack_latency_p50')).toEqual([20, null, null])
    expect(pointsOf(told, 'finality_latency_p99')).toEqual([2000, null, null])
    const blocks = told.series.find(({ name }) => name === 'block_ballots')
    expect(blocks).toMatchObject({ unit: 'ballots', points: [[1, 10]] })
    expect(told.series.map(({ source }) => source)).toEqual(told.series.map(() => 'harness'))
  })

  test('behavior: who was refused for good is turned away; who was put off may still come', async () => {
    const lines = each((ballot) =>
      ballot < 3 ? { status: 409 } : ballot < 5 ? { status: 503 } : {},
    )
    const told = await books(lines, [], 2000)
    expect(pointsOf(told, 'ballots_turned_away')).toEqual([3, 0])
    expect(told.counts).toMatchObject({ refused: 5, acknowledged: 5 })
  })

  test('behavior: a part of a second at the end has a place of its own', async () => {
    expect(pointsOf(await books(each(), [], 2001), 'ballots_offered')).toEqual([10, 0, 0])
  })
})

/** Seen so long after the start, and so many seconds after it by its own word. */
function emptyBlock(number: number, seenMs: number, timestampS = number): Observation {
  const at = { seenAtMs: START_AT_MS + seenMs, timestamp: START_AT_MS / 1000 + timestampS }
  return Sandbox.block(number, [], at)
}

describe('blocks', () => {
  test('behavior: only blocks seen from the start to the deadline count, both included', async () => {
    const { blocks } = await books(
      each(),
      [
        emptyBlock(1, -1, 0),
        emptyBlock(2, 0, 1),
        emptyBlock(3, 500, 2),
        emptyBlock(4, 1000, 5),
        emptyBlock(5, 1001, 9),
      ],
      1000,
    )
    expect(blocks.count).toBe(3)
    expect(blocks.intervalMs).toEqual({ p50: 1000, max: 3000 })
    expect([blocks.gasPerBallot, blocks.bytesPerBallot]).toEqual([null, null])
  })

  test('behavior: a standstill before the first block, and after the last, is an interval', async () => {
    expect((await books(each(), [emptyBlock(1, 700)], 1000)).blocks.intervalMs).toEqual({
      p50: null,
      max: 700,
    })
    expect((await books(each(), [emptyBlock(1, 100)], 1000)).blocks.intervalMs.max).toBe(900)
    expect((await books(each(), [], 1000)).blocks.intervalMs.max).toBe(1000)
  })

  test('behavior: gas and bytes of a ballot are those of the blocks that hold ballots', async () => {
    const empty = Sandbox.block(2, [], { seenAtMs: START_AT_MS + 950 })
    const [first, last] = chain(900, 1000)
    if (first === undefined || last === undefined) throw new Error('no chain')
    const { blocks } = await books(each(), [first, empty, last], 2000)
    // 21,000 gas and 10,000 for each of ten ballots; 600 bytes.
    expect([blocks.gasPerBallot, blocks.bytesPerBallot]).toEqual([12_100, 60])
  })
})

/** A block with one ballot that is seen so long after the start. */
function seenWith(number: number, afterMs: number, ballot: number): Observation {
  const seenAtMs = START_AT_MS + afterMs
  return Sandbox.block(number, [[1, Sandbox.voterOf(ballot), ballot % 3, 0]], { seenAtMs })
}

describe('the series of blocks', () => {
  test('behavior: each block is where it was seen, from the start to the last final ballot', async () => {
    const told = await books(
      each(),
      [
        seenWith(1, -1, 0),
        seenWith(2, 0, 1),
        emptyBlock(3, 500),
        seenWith(4, 900, 2),
        Sandbox.final(4, 'a', START_AT_MS + 2600),
        emptyBlock(5, 2600),
        seenWith(6, 2601, 3),
      ],
      1000,
    )
    // What became final after the deadline is in the series: until then blocks are shown too.
    const blocks = told.series.find(({ name }) => name === 'block_ballots')
    expect(blocks?.points).toEqual([
      [0, 1],
      [0.5, 0],
      [0.9, 1],
      [2.6, 0],
    ])
    expect(pointsOf(told, 'ballots_final')).toEqual([0, 0, 3])
  })

  test('behavior: a final block without ballots makes no series longer', async () => {
    const empty = Sandbox.block(1, [], { seenAtMs: START_AT_MS + 100 })
    const told = await books(each(), [empty, Sandbox.final(1, 'a', START_AT_MS + 9000)], 1000)
    expect(pointsOf(told, 'ballots_final')).toEqual([0])
  })
})

describe('silentCount', () => {
  test('behavior: a ballot that was handed over and left no attempt is silent', async () => {
    expect((await books(each().slice(3), [])).silentCount).toBe(3)
    expect((await books(each(), [])).silentCount).toBe(0)
  })
})
