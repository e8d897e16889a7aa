import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { apportion } from '../../../scenarios/population/apportion.ts'
import * as ChiSquared from '../../../scenarios/calibration/ChiSquared.ts'
import { countVoters } from '../../../scenarios/calibration/countVoters.ts'
import { strataRow } from '../../../scenarios/calibration/modelRows.ts'
import { problems } from '../../../scenarios/calibration/Row.ts'
import * as City from '../../../scenarios/population/City.ts'
import type * as Permutation from '../../../scenarios/population/Permutation.ts'
import * as PrefixSums from '../../../scenarios/population/PrefixSums.ts'
import { smallCity } from './smallCity.ts'

const MODEL = smallCity()

describe('apportion', () => {
  test('default', () => {
    expect([...apportion(10, [1, 1, 1])]).toEqual([4, 3, 3])
    expect([...apportion(0, [1, 2])]).toEqual([0, 0])
    expect([...apportion(5, [5, 1], [2, 9])]).toEqual([2, 3])
  })

  test('behavior: sums exactly and is never a seat or more off', () => {
    const weights = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), weights, (total, given) => {
        const sum = given.reduce((all, weight) => all + weight, 0)
        fc.pre(sum > 1e-3)
        const seats = apportion(total, given)
        expect(seats.reduce((all, seat) => all + seat, 0)).toBe(total)
        for (const [index, seat] of seats.entries()) {
          expect(Math.abs(seat - (total * (given[index] ?? 0)) / sum)).toBeLessThan(1.001)
        }
      }),
      { seed: 4 },
    )
  })

  test('error: more than all can take', () => {
    expect(() => apportion(5, [1, 1], [2, 2])).toThrow(RangeError)
  })
})

describe('PrefixSums', () => {
  test('behavior: every position has the cell that holds it', () => {
    const sizes = [0, 3, 0, 0, 1, 5, 0]
    const starts = PrefixSums.create(sizes)
    const cells = Array.from({ length: 9 }, (_, position) => PrefixSums.cellOf(starts, position))
    expect(cells).toEqual([1, 1, 1, 4, 5, 5, 5, 5, 5])
    expect(() => PrefixSums.cellOf(starts, 9)).toThrow(RangeError)
    expect(() => PrefixSums.cellOf(starts, -1)).toThrow(RangeError)
  })
})

describe('placeOf', () => {
  test('default: every voter has a place of its own, and the place leads back', () => {
    const city = City.create(MODEL, { seed: '1' })
    const count = countVoters(city)
    expect(count).toMatchObject({ enumerated: 40_000, distinct: 40_000, misplacedCount: 0 })
    const sizes = city.strata.list.map(({ size }) => size)
    expect(sizes).toHaveLength(12 * 6 * 4)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(40_000)
  })

  test('behavior: any size, down to one voter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.string(), (size, seed) => {
        const count = countVoters(City.create(MODEL, { seed, size }))
        expect(count).toMatchObject({ enumerated: size, distinct: size, misplacedCount: 0 })
      }),
      { seed: 4, numRuns: 40 },
    )
  })

  test('behavior: strata are spread over the voters by chance alone', () => {
    const counts = ['1', '2', '3'].map((seed) => countVoters(City.create(MODEL, { seed })))
    expect(problems([strataRow(MODEL, { counts, z: ChiSquared.Z_99 })])).toEqual([])
  })

  test('mutant: a layout that is not shuffled, and one that alternates, fail', () => {
    const city = City.create(MODEL, { seed: '1' })
    const identity: Permutation.Permutation = {
      size: city.size,
      forward: (index) => index,
      inverse: (index) => index,
    }
    const half = city.size / 2
    const alternating: Permutation.Permutation = {
      size: city.size,
      forward: (index) => (index < half ? 2 * index : 2 * (index - half) + 1),
      inverse: (place) => (place % 2 === 0 ? place / 2 : half + (place - 1) / 2),
    }
    for (const layout of [identity, alternating]) {
      const counts = [countVoters({ ...city, layout })]
      expect(problems([strataRow(MODEL, { counts, z: ChiSquared.Z_9999 })])).toHaveLength(1)
    }
  })

  test('error: nobody there', () => {
    const city = City.create(MODEL, { seed: '1' })
    expect(() => City.placeOf(city, 40_000)).toThrow(RangeError)
    expect(() => City.voterAt(city, 0, 1e6)).toThrow(RangeError)
    expect(() => City.voterAt(city, 999, 0)).toThrow(RangeError)
  })
})
