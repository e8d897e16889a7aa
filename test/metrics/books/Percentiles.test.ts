import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { percentile, summarise } from '../../../metrics/books/Percentiles.ts'

/** 1, 2, … n. */
function ranks(n: number): Float32Array {
  return Float32Array.from({ length: n }, (_, index) => index + 1)
}

describe('percentile', () => {
  test.each([
    [1, 0.5, 1],
    [1, 0.999, 1],
    [2, 0.5, 1],
    [2, 0.51, 2],
    [3, 0.5, 2],
    [10, 0.9, 9],
    [10, 0.99, 10],
    [99, 0.99, 99],
    [100, 0.07, 7],
    [100, 0.99, 99],
    [101, 0.99, 100],
    [1000, 0.99, 990],
    [1000, 0.999, 999],
    [1001, 0.999, 1000],
    [10_000, 0.999, 9990],
    [10_000, 1, 10_000],
  ])('default: of %i samples, share %d is number %i', (n, share, expected) => {
    expect(percentile(ranks(n), share)).toBe(expected)
  })

  test('behavior: no sample, no percentile', () => {
    expect(percentile(new Float32Array(0), 0.5)).toBeNull()
  })

  test('behavior: at least the share lies at or below it, and less below', () => {
    const samples = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 1000 }), (values, permille) => {
        const sorted = Float32Array.from(values).toSorted()
        const value = percentile(sorted, permille / 1000) ?? NaN
        const atOrBelow = sorted.filter((sample) => sample <= value).length
        const below = sorted.filter((sample) => sample < value).length
        expect(atOrBelow * 1000).toBeGreaterThanOrEqual(permille * sorted.length)
        expect(below * 1000).toBeLessThan(permille * sorted.length)
      }),
    )
  })
})

describe('summarise', () => {
  test('default', () => {
    expect(summarise(ranks(1000).toReversed(), 3)).toMatchInlineSnapshot(`
      {
        "censoredCount": 3,
        "count": 1000,
        "max": 1000,
        "p50": 500,
        "p90": 900,
        "p99": 990,
        "p999": 999,
      }
    `)
  })

  test('behavior: nothing measured is null, not 0', () => {
    expect(summarise(new Float32Array(0), 0)).toMatchObject({ p50: null, max: null, count: 0 })
  })
})
