import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Ledger from '../../../metrics/books/Ledger.ts'
import * as Seconds from '../../../metrics/books/Seconds.ts'
import * as Sandbox from './Sandbox.ts'

/** Ballot *k* is intended at *k* × 300 ms, by the table below. */
const BALLOTS = 12
const { START_AT_MS } = Sandbox
const SPAN = { startAtMs: START_AT_MS + 600, count: 3 }
const ENDS = { stormAtMs: START_AT_MS + 4000, deadlineMs: START_AT_MS + 5000 }

let sandbox: Sandbox.Sandbox
let ledger: Ledger.Ledger
beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
  ledger = Ledger.open(sandbox.options.planFolder, START_AT_MS)
  for (let ballot = 0; ballot < BALLOTS; ballot += 1) {
    ledger.intendedAtMs[ballot] = START_AT_MS + ballot * 300
  }
})
afterEach(() => sandbox.dispose())

function points(name: string): [number, number | null][] {
  const found = Seconds.series(ledger, SPAN, ENDS).find((one) => one.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return [...found.points]
}

/** What each ballot's clock shows, by its number. */
function set(column: 'lateMs' | 'ackMs' | 'inclusionMs' | 'finalityMs', values: number[]): void {
  values.forEach((value, ballot) => {
    ledger[column][ballot] = value
  })
}

function acknowledge(...ballots: number[]): void {
  for (const ballot of ballots) Ledger.raise(ledger, ballot, Ledger.OUTCOME.acknowledged)
}

const ALL = Array.from({ length: BALLOTS }, (_, ballot) => ballot)

describe('series', () => {
  test('default: what each is, and of which unit', () => {
    const told = Seconds.series(ledger, SPAN, ENDS)
    expect(told.map(({ name, unit, source }) => [name, unit, source])).toEqual([
      ['ballots_offered', 'ballots/s', 'harness'],
      ['ballots_acknowledged', 'ballots/s', 'harness'],
      ['ballots_turned_away', 'ballots/s', 'harness'],
      ['ballots_included', 'ballots/s', 'harness'],
      ['ballots_final', 'ballots/s', 'harness'],
      ['ack_latency_p50', 'ms', 'harness'],
      ['ack_latency_p99', 'ms', 'harness'],
      ['finality_latency_p50', 'ms', 'harness'],
      ['finality_latency_p99', 'ms', 'harness'],
    ])
  })

  test('behavior: an event stands in the second in which it came, and outside of the span in none', () => {
    // Ballots at 0, 300, 600 … 3300: seconds begin at 600, 1600 and 2600, and end at 3600.
    set('lateMs', [0, 299, 0, 699, 399, 0, 0, 0, 0, 0, 600, 299])
    // At 0, 599 | 600, 1599, 1599, 1500 | 1800, 2100, 2400 | 2700 | 3600, 3599.
    expect(points('ballots_offered')).toEqual([
      [0, 4],
      [1, 3],
      [2, 2],
    ])
  })

  test('behavior: each clock has its own', () => {
    acknowledge(2, 3)
    set('ackMs', [1, 1, 1, 1, 1])
    set('inclusionMs', [Number.NaN, Number.NaN, 1000, 1000])
    set('finalityMs', [Number.NaN, Number.NaN, 2000, 2500])
    expect(points('ballots_acknowledged')).toEqual([
      [0, 2],
      [1, 0],
      [2, 0],
    ])
    expect(points('ballots_included')).toEqual([
      [0, 0],
      [1, 2],
      [2, 0],
    ])
    expect(points('ballots_final')).toEqual([
      [0, 0],
      [1, 0],
      [2, 2],
    ])
    expect(points('ballots_offered').every(([, count]) => count === 0)).toBe(true)
  })

  test('behavior: percentiles are those of the ballots of each second, by their intended instant', () => {
    acknowledge(...ALL)
    // In the span: 2, 3, 4, 5 | 6, 7, 8 | 9, 10, 11.
    set('ackMs', [9, 9, 40, 10, 30, 20, 7, 6, 5, 1, 3, 2])
    expect(points('ack_latency_p50')).toEqual([
      [0, 20],
      [1, 6],
      [2, 2],
    ])
    expect(points('ack_latency_p99')).toEqual([
      [0, 40],
      [1, 7],
      [2, 3],
    ])
  })

  test('behavior: who waits without an end counts until then, who was refused does not', () => {
    acknowledge(2, 9)
    Ledger.raise(ledger, 3, Ledger.OUTCOME.indeterminate)
    Ledger.raise(ledger, 6, Ledger.OUTCOME.refused)
    set(
      'ackMs',
      ALL.map((ballot) => (ballot === 2 ? 50 : Number.NaN)),
    )
    // Ballot 3, of 900 ms, until the storm's end at 4000; ballot 9, of 2700 ms, too.
    expect(points('ack_latency_p99')).toEqual([
      [0, 3100],
      [1, null],
      [2, 1300],
    ])
    expect(points('ack_latency_p50')[0]).toEqual([0, 50])
    // Nothing is final: acknowledged ones wait until the deadline at 5000.
    expect(points('finality_latency_p50')).toEqual([
      [0, 4400],
      [1, null],
      [2, 2300],
    ])
  })

  test('behavior: what is final shows its own time', () => {
    acknowledge(...ALL)
    set(
      'finalityMs',
      ALL.map((ballot) => 100 + ballot),
    )
    expect(points('finality_latency_p50').map(([, value]) => value)).toEqual([103, 107, 110])
    expect(points('finality_latency_p99').map(([, value]) => value)).toEqual([105, 108, 111])
  })

  test('behavior: turned away is who was refused for good', () => {
    for (const ballot of [2, 3, 6]) Ledger.raise(ledger, ballot, Ledger.OUTCOME.refused)
    Ledger.mark(ledger, 3, Ledger.STATE.DEFERRED)
    set(
      'ackMs',
      ALL.map(() => 0),
    )
    expect(points('ballots_turned_away')).toEqual([
      [0, 1],
      [1, 1],
      [2, 0],
    ])
  })

  test('boundary: no second, no point', () => {
    const none = Seconds.series(ledger, { ...SPAN, count: 0 }, ENDS)
    expect(none.every(({ points: told }) => told.length === 0)).toBe(true)
  })
})
