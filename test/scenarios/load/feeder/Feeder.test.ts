import { closeSync, ftruncateSync, openSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Address from '../../../../scenarios/ballots/Address.ts'
import { body } from '../../../../scenarios/load/feeder/body.ts'
import * as Feeder from '../../../../scenarios/load/feeder/Feeder.ts'
import * as Metrics from '../../../../scenarios/load/feeder/Metrics.ts'
import * as Slice from '../../../../scenarios/load/Slice.ts'
import * as Plan from '../../../../scenarios/schedule/Plan.ts'
import * as Spool from '../../../../scenarios/ballots/Spool.ts'
import * as Sandbox from '../../../metrics/books/Sandbox.ts'
import * as RecordedCity from '../../../metrics/RecordedCity.ts'

/** Ballot *k* is at *k* × 10 ms: half a second of them. */
const BALLOTS = 50
const START_AT_MS = 100_000

let sandbox: Sandbox.Sandbox
let nowMs: number
let feeder: Feeder.Feeder | undefined

beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
  nowMs = START_AT_MS
})
afterEach(() => {
  feeder?.close()
  feeder = undefined
  sandbox.dispose()
})

function open(given: Partial<Feeder.Options> = {}): Feeder.Feeder {
  const { planFolder } = sandbox.options
  feeder = Feeder.open({
    spoolFile: join(planFolder, Plan.FILES.spool),
    instantsFile: join(planFolder, Plan.FILES.instants),
    sliceMs: 100,
    sliceBallotsMax: 512,
    leadMs: 1000,
    stormMs: 500,
    overtimeMs: 300,
    now: () => nowMs,
    ...given,
  })
  return feeder
}

/** Everything that a lane hands out, as first and count. */
function takeAll(lane: Feeder.Lane): [first: number, count: number][] {
  const taken: [number, number][] = []
  while (lane.dueAtMs() !== 'end') {
    const { first, count } = lane.take().handOver
    taken.push([first, count])
  }
  return taken
}

function decode(bytes: Uint8Array): Slice.Slice {
  return Slice.decode(Uint8Array.from(bytes).buffer)
}

describe('open', () => {
  test('default: slices of a span, each due before its first ballot', () => {
    const feed = open()
    expect(feed.state()).toEqual({ startAtMs: undefined, handed: 0, ballotCount: BALLOTS })
    expect(feed.k6.dueAtMs()).toBeUndefined()
    feed.start(START_AT_MS)
    expect(feed.k6.dueAtMs()).toBe(START_AT_MS - 1000)
    nowMs = START_AT_MS - 1000
    const first = feed.k6.take()
    expect(first.handOver).toEqual({ first: 0, count: 10, atMs: START_AT_MS - 1000 })
    expect(first.lateMs).toBe(0)
    expect(feed.k6.dueAtMs()).toBe(START_AT_MS - 900)
    expect(feed.state()).toEqual({ startAtMs: START_AT_MS, handed: 10, ballotCount: BALLOTS })
    expect(takeAll(feed.k6)).toEqual([
      [10, 10],
      [20, 10],
      [30, 10],
      [40, 10],
    ])
    expect(feed.state().handed).toBe(BALLOTS)
  })

  test('behavior: a slice holds each ballot at its instant, with its poll and body', () => {
    const feed = open()
    feed.start(START_AT_MS)
    feed.k6.take()
    const { first, ballots } = decode(feed.k6.take().bytes)
    expect(first).toBe(10)
    expect(ballots.map(({ intendedAtMs }) => intendedAtMs)).toEqual(
      Array.from({ length: 10 }, (_, index) => START_AT_MS + 100 + index * 10),
    )
    expect(new Set(ballots.map(({ pollId }) => pollId))).toEqual(new Set([1]))
    const bodies = ballots.map((ballot) => JSON.parse(Buffer.from(ballot.body).toString()))
    expect(bodies.map(({ voterIndex }) => voterIndex)).toEqual(
      Array.from({ length: 10 }, (_, index) => Sandbox.voterOf(10 + index)),
    )
  })

  test('behavior: only the first start counts', () => {
    const feed = open()
    feed.start(START_AT_MS)
    feed.start(START_AT_MS + 77)
    expect(feed.k6.dueAtMs()).toBe(START_AT_MS - 1000)
  })

  test('behavior: how late a slice leaves is measured from its first instant', () => {
    const feed = open()
    feed.start(START_AT_MS)
    feed.k6.take()
    nowMs = START_AT_MS + 107
    expect(feed.k6.take().lateMs).toBe(7)
  })

  test('boundary: a slice holds at most so many ballots', () => {
    const feed = open({ sliceBallotsMax: 7, sliceMs: 10_000 })
    feed.start(START_AT_MS)
    const taken = takeAll(feed.k6)
    expect(taken.slice(0, 2)).toEqual([
      [0, 7],
      [7, 7],
    ])
    expect(taken.at(-1)).toEqual([49, 1])
  })

  test('boundary: past the overtime the rest stays unsent', () => {
    const feed = open()
    feed.start(START_AT_MS)
    nowMs = START_AT_MS + 800
    expect(feed.k6.dueAtMs()).toBe(START_AT_MS - 1000)
    nowMs += 1
    expect(feed.k6.dueAtMs()).toBe('end')
  })

  test.each([2, 10, 49, 50, 51])(
    'behavior: each %i-th ballot is the probe’s, all others are k6’s',
    (probeEveryBallots) => {
      const feed = open({ probeEveryBallots, sliceMs: 10_000 })
      feed.start(START_AT_MS)
      const every = Array.from({ length: BALLOTS }, (_, ballot) => ballot)
      const own = every.filter((ballot) => (ballot + 1) % probeEveryBallots === 0)
      expect(takeAll(feed.probe)).toEqual(own.map((ballot) => [ballot, 1]))
      const others = takeAll(feed.k6).flatMap(([first, count]) => every.slice(first, first + count))
      expect(others).toEqual(every.filter((ballot) => !own.includes(ballot)))
      expect(feed.state().handed).toBe(BALLOTS)
    },
  )

  test('behavior: without a probe nothing is kept for it', () => {
    const feed = open()
    feed.start(START_AT_MS)
    expect(feed.probe.dueAtMs()).toBe('end')
  })

  test('behavior: of an empty plan there is nothing to take', () => {
    sandbox.dispose()
    sandbox = Sandbox.create(0)
    const feed = open()
    expect(feed.k6.dueAtMs()).toBe('end')
  })

  test('error: spool and instants of different plans', () => {
    const file = openSync(join(sandbox.options.planFolder, Plan.FILES.instants), 'r+')
    ftruncateSync(file, 8)
    closeSync(file)
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: 'FEEDER_COUNT_MISMATCH',
        exitCode: 107,
        message: 'The spool holds 50 ballots, the plan 1 instants.',
      }),
    )
  })

  test('behavior: what was taken is measured', async () => {
    const metrics = Metrics.create(open())
    metrics.handed(10, 70)
    metrics.handed(5, 0)
    const text = await metrics.registry.metrics()
    for (const line of [
      'ballotstorm_feeder_ballots_handed_total 15',
      'ballotstorm_feeder_slices_total 2',
      'ballotstorm_feeder_ballots_planned 50',
      'ballotstorm_feeder_slice_late_seconds_bucket{le="0"} 1',
      'ballotstorm_feeder_slice_late_seconds_bucket{le="0.05"} 1',
      'ballotstorm_feeder_slice_late_seconds_bucket{le="0.1"} 2',
      'ballotstorm_feeder_slice_late_seconds_sum 0.07',
    ]) {
      expect(text).toContain(`${line}\n`)
    }
  })
})

describe('body', () => {
  test('default: what the voting API takes', () => {
    const spool = Spool.open(join(sandbox.options.planFolder, Plan.FILES.spool))
    const records = spool.read(0, 3)
    spool.close()
    const offset = 2 * Spool.RECORD_SIZE_BYTES.api
    const { ballot } = Spool.decodeSigned(records, offset)
    expect(JSON.parse(body('api', records, offset, 2).toString())).toEqual({
      voter: Address.toHex(Sandbox.addressOf(2)),
      voterIndex: Sandbox.voterOf(2),
      choice: 2,
      signature: `0x${Buffer.from(ballot.signature).toString('hex')}`,
    })
  })

  test('behavior: a call of a node, whose id is the ballot', async () => {
    const city = await RecordedCity.open('direct')
    try {
      const raw = `0x${Spool.decodeTransaction(city.record(3), 0).toString('hex')}`
      expect(JSON.parse(body('rpc', city.record(3), 0, 7).toString())).toEqual({
        jsonrpc: '2.0',
        id: 7,
        method: 'eth_sendRawTransaction',
        params: [raw],
      })
    } finally {
      await city.dispose()
    }
  })
})
