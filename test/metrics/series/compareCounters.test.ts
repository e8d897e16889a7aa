import { describe, expect, test } from 'vitest'

import { compareCounters, compareRates } from '../../../metrics/series/compareCounters.ts'
import type { Series } from '../../../metrics/series/Series.ts'

describe('compareCounters', () => {
  test('default', () => {
    const { deviationMax, comparisons } = compareCounters(
      { acknowledged: 5520, attempts: 5530, final: 5400 },
      { acknowledged: 5520, attempts: 5530, final: 5520 },
    )
    expect(deviationMax).toBeCloseTo(120 / 5520)
    expect(comparisons.map(({ name, deviation }) => [name, deviation > 0])).toEqual([
      ['acknowledged', false],
      ['attempts', false],
      ['final', true],
    ])
  })

  test('behavior: one ballot too many is as wrong as one too few', () => {
    const history = { acknowledged: 1000 }
    expect(compareCounters({ acknowledged: 1001 }, history).deviationMax).toBe(0.001)
    expect(compareCounters({ acknowledged: 999 }, history).deviationMax).toBe(0.001)
  })

  test('behavior: a count that should be nothing is wholly wrong', () => {
    expect(compareCounters({ refused: 3 }, { refused: 0 }).deviationMax).toBe(1)
  })

  test('behavior: with nothing to compare there is no deviation, not a perfect one', () => {
    expect(compareCounters({}, { acknowledged: 1 }).deviationMax).toBeNull()
  })
})

describe('compareRates', () => {
  test.each([1, 17, 1000])('default: at %d ballots a second', (rate) => {
    expect(compareRates(series(rate * 1.01), series(rate), { fromS: 0, untilS: 60 })).toBeCloseTo(
      0.01,
    )
  })

  test('behavior: what lies outside of the window does not count', () => {
    const late: Series = { ...series(10), points: [...series(10).points, [60, 99_999]] }
    expect(compareRates(late, series(10), { fromS: 0, untilS: 60 })).toBe(0)
  })

  test('behavior: without a value there is no rate', () => {
    const hollow: Series = { ...series(10), points: [[0, null]] }
    expect(compareRates(hollow, series(10), { fromS: 0, untilS: 60 })).toBeNull()
  })
})

function series(rate: number): Series {
  const points = Array.from({ length: 60 }, (_, second): [number, number] => [second, rate])
  return { name: 'ballots_final', unit: 'ballots/s', source: 'prometheus', points }
}
