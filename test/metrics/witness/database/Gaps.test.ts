import { describe, expect, test } from 'vitest'

import * as Gaps from '../../../../metrics/witness/database/Gaps.ts'

function ranges(gaps: readonly Gaps.Gap[]): number[][] {
  return gaps.map(({ first, last }) => [first, last])
}

describe('extend', () => {
  test('default: what is passed over is a gap', () => {
    const gaps = Gaps.create()
    gaps.extend([1, 2, 5], 0)
    gaps.extend([6, 9], 100)
    expect(gaps.highest()).toBe(9)
    expect(ranges(gaps.young(100))).toEqual([
      [3, 4],
      [7, 8],
    ])
  })

  test('behavior: a gap is young for a while, and known for ever', () => {
    const gaps = Gaps.create()
    gaps.extend([3], 0)
    gaps.extend([5], 1000)
    expect(ranges(gaps.young(Gaps.YOUNG_MS))).toEqual([[4, 4]])
    expect(gaps.young(Gaps.YOUNG_MS + 1000)).toEqual([])
    expect(ranges(gaps.all())).toEqual([
      [-Number.MAX_SAFE_INTEGER, 0],
      [1, 2],
      [4, 4],
    ])
  })

  test('behavior: bounded, and it says so', () => {
    const gaps = Gaps.create(3)
    const odd = Array.from({ length: Gaps.YOUNG_MAX * 2 }, (_, index) => 2 * index + 2)
    gaps.extend(odd, 0)
    expect(gaps.all()).toHaveLength(3)
    expect(gaps.forgottenCount()).toBe(odd.length + 1 - 3)
    const roomy = Gaps.create()
    roomy.extend(odd, 0)
    expect(roomy.young(0)).toHaveLength(Gaps.YOUNG_MAX)
    expect(roomy.young(0).at(-1)).toMatchObject({ last: (odd.at(-1) ?? 0) - 1 })
  })
})

describe('fill', () => {
  test('default: a gap shrinks, splits and goes', () => {
    const gaps = Gaps.create()
    gaps.extend([6, 9], 0)
    const left = (): number[][] => ranges(gaps.young(0))
    gaps.fill(3)
    gaps.fill(7)
    expect(left()).toEqual([
      [1, 2],
      [4, 5],
      [8, 8],
    ])
    for (const sequence of [1, 2, 8]) gaps.fill(sequence)
    expect(left()).toEqual([[4, 5]])
  })

  test('behavior: a number that is in no gap changes nothing', () => {
    const gaps = Gaps.create()
    gaps.extend([1, 4], 0)
    gaps.fill(1)
    gaps.fill(4)
    gaps.fill(17)
    expect(ranges(gaps.young(0))).toEqual([[2, 3]])
  })
})
