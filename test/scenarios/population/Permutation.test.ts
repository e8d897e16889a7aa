import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as Permutation from '../../../scenarios/population/Permutation.ts'

function order(key: string): number[] {
  const permutation = Permutation.create(key, 1000)
  return Array.from({ length: 1000 }, (_, index) => permutation.forward(index))
}

describe('create', () => {
  test.each([1, 2, 3, 4, 5, 16, 17, 1000, 1024, 65_537])(
    'default: every index of %i is hit once',
    (size) => {
      const permutation = Permutation.create('key', size)
      const images = new Set(Array.from({ length: size }, (_, index) => permutation.forward(index)))
      expect(images.size).toBe(size)
      expect(Math.max(...images)).toBe(size - 1)
    },
  )

  test('behavior: inverse undoes forward, at any size up to 2^32', () => {
    const sizes = fc.oneof(
      fc.integer({ min: 1, max: 2 ** 32 }),
      fc.constantFrom(2 ** 31 + 1, 2 ** 32),
    )
    fc.assert(
      fc.property(
        sizes,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (size, at) => {
          const permutation = Permutation.create('key', size)
          const index = Math.floor(at * size)
          const image = permutation.forward(index)
          expect(image).toBeGreaterThanOrEqual(0)
          expect(image).toBeLessThan(size)
          expect(permutation.inverse(image)).toBe(index)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('behavior: another key is another order; the same key the same', () => {
    expect(order('a')).toEqual(order('a'))
    const same = order('a').filter((image, index) => image === order('b')[index]).length
    expect(same).toBeLessThan(15)
  })

  test('behavior: neighbours do not stay neighbours', () => {
    const permutation = Permutation.create('key', 100_000)
    const steps = Array.from({ length: 1000 }, (_, index) =>
      Math.abs(permutation.forward(index + 1) - permutation.forward(index)),
    )
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length
    // The mean distance of two uniform points is a third of the range.
    expect(mean).toBeGreaterThan(28_000)
    expect(mean).toBeLessThan(39_000)
  })

  test.each([-1, 10, 0.5, Number.NaN])('error: the index %d is outside', (index) => {
    expect(() => Permutation.create('key', 10).forward(index)).toThrow(RangeError)
  })
})
