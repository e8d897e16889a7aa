import { describe, expect, test } from 'vitest'

import * as Arrivals from '../../../scenarios/schedule/StageArrivals.ts'

const STAGES = [
  { ratePerS: 17, durationMs: 60_000 },
  { ratePerS: 0, durationMs: 5000 },
  { ratePerS: 100, durationMs: 30_000 },
]

describe('count', () => {
  test.each([
    [17, 60_000, 1020],
    [0.1, 10_000, 1],
    [3333, 1500, 5000],
    [50, 0, 0],
    [0, 1000, 0],
  ])('default: %d/s for %i ms are %i', (ratePerS, durationMs, count) => {
    expect(Arrivals.count([{ ratePerS, durationMs }])).toBe(count)
  })
})

describe('instants', () => {
  test('default: ascending, as many in each stage as it fires', () => {
    const instants = [...Arrivals.instants('seed', STAGES)]
    expect(instants).toHaveLength(Arrivals.count(STAGES))
    expect(instants).toEqual(instants.toSorted((left, right) => left - right))
    expect(instants.filter((ms) => ms >= 0 && ms < 60_000)).toHaveLength(1020)
    expect(instants.filter((ms) => ms >= 65_000 && ms <= 95_000)).toHaveLength(3000)
  })

  test('behavior: the same seed gives the same instants, another seed others', () => {
    const instants = [...Arrivals.instants('seed', STAGES)]
    expect([...Arrivals.instants('seed', STAGES)]).toEqual(instants)
    expect([...Arrivals.instants('other', STAGES)]).not.toEqual(instants)
  })

  test.each([
    [17, 600_000],
    [50, 200_000],
    [1000, 100_000],
  ])('behavior: at %i/s the seconds hold as much as a Poisson process puts there', (rate, ms) => {
    const counts = Array.from({ length: ms / 1000 }, () => 0)
    for (const at of Arrivals.instants('seed', [{ ratePerS: rate, durationMs: ms }])) {
      const second = Math.floor(at / 1000)
      counts[second] = (counts[second] ?? 0) + 1
    }
    const variance = counts.reduce((sum, count) => sum + (count - rate) ** 2, 0) / counts.length
    // A Poisson count has its mean as variance; even arrivals would have none.
    expect(variance / rate).toBeGreaterThan(0.6)
    expect(variance / rate).toBeLessThan(1.6)
    // Early and late halves are alike: the method drifts to neither end.
    const firstHalf = counts.slice(0, counts.length / 2).reduce((sum, count) => sum + count, 0)
    const total = (rate * ms) / 1000
    expect(Math.abs(firstHalf - total / 2)).toBeLessThan(3 * Math.sqrt(total))
  })

  test('behavior: no ballots, no instants', () => {
    expect([...Arrivals.instants('seed', [{ ratePerS: 0, durationMs: 1000 }])]).toEqual([])
    expect([...Arrivals.instants('seed', [])]).toEqual([])
  })
})
