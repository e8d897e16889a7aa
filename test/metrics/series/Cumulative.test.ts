import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as Cumulative from '../../../metrics/series/Cumulative.ts'

describe('at', () => {
  test('default: between samples a second apart the count is a slope', () => {
    const line = Cumulative.from(
      [
        [10_000, 0],
        [11_000, 50],
        [12_000, 150],
      ],
      'scraped',
    )
    expect(
      [9000, 10_000, 10_500, 11_000, 11_250, 12_000, 60_000].map((ms) => Cumulative.at(line, ms)),
    ).toEqual([0, 0, 25, 50, 75, 150, 150])
  })

  const GAP = [
    [10_000, 100],
    [20_000, 110],
  ] as const

  test('behavior: between scrapes that were missed the count is a slope too', () => {
    const line = Cumulative.from(GAP, 'scraped')
    expect([10_000, 15_000, 20_000].map((ms) => Cumulative.at(line, ms))).toEqual([100, 105, 110])
  })

  test('behavior: a time without a push is a stall, not a slope', () => {
    const line = Cumulative.from(GAP, 'pushed')
    expect([10_000, 15_000, 19_000, 19_500, 20_000].map((ms) => Cumulative.at(line, ms))).toEqual([
      100, 100, 100, 105, 110,
    ])
  })

  test('behavior: a counter that begins above 0 moved just before it was first seen', () => {
    const line = Cumulative.from([[10_000, 40]], 'pushed')
    expect([8000, 9000, 9500, 10_000].map((ms) => Cumulative.at(line, ms))).toEqual([0, 0, 20, 40])
  })

  test('behavior: a process that starts anew goes on counting', () => {
    const line = Cumulative.from(
      [
        [10_000, 100],
        [11_000, 7],
        [12_000, 9],
      ],
      'scraped',
    )
    expect(Cumulative.at(line, 12_000)).toBe(109)
  })

  test('behavior: without a sample the count is 0', () => {
    expect(Cumulative.at(Cumulative.from([], 'scraped'), 5)).toBe(0)
  })

  test('behavior: a count never falls, and ends as the counter did', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9000 }), fc.nat(500)), {
      minLength: 1,
    })
    fc.assert(
      fc.property(steps, (increases) => {
        const samples: [number, number][] = []
        let [atMs, value] = [0, 0]
        for (const [waitMs, increase] of increases) {
          atMs += waitMs
          value += increase
          samples.push([atMs, value])
        }
        const line = Cumulative.from(samples, 'pushed')
        const counts = Array.from({ length: 50 }, (_, i) => Cumulative.at(line, (atMs * i) / 49))
        for (const [i, count] of counts.entries()) {
          expect(count).toBeGreaterThanOrEqual(counts[i - 1] ?? 0)
        }
        expect(Cumulative.at(line, atMs)).toBe(value)
      }),
      { seed: 1 },
    )
  })
})
