import { describe, expect, test } from 'vitest'

import * as cities from '../../../scenarios/cities/cities.ts'
import * as City from '../../../scenarios/population/City.ts'
import * as Popularity from '../../../scenarios/population/Popularity.ts'
import { smallCity } from './smallCity.ts'

function sum(sizes: Float64Array): number {
  return sizes.reduce((total, size) => total + size, 0)
}

function sizesOf(seed: string): Float64Array {
  return Popularity.participants(City.create(smallCity(), { seed }))
}

describe('participants', () => {
  test('default: the votes of all polls, exactly', () => {
    const model = cities.read('active-citizen')
    const sizes = Popularity.participants(City.create(model, { seed: '1' }))
    expect(sizes).toHaveLength(3450)
    expect(sum(sizes)).toBe(92_000_000)
    const ranked = Popularity.ranking(sizes).map((poll) => sizes[poll] ?? 0)
    expect(ranked.slice(0, 60).every((size) => size >= 137_000 && size <= 220_000)).toBe(true)
    expect(ranked.slice(60).every((size) => size < 137_000)).toBe(true)
    expect(ranked.at(-1)).toBeGreaterThan(0)
  })

  test('behavior: another seed, another order and other sizes', () => {
    expect(sizesOf('1')).toEqual(sizesOf('1'))
    const [first, second] = [sizesOf('1'), sizesOf('2')]
    expect(Popularity.ranking(first)[0]).not.toBe(Popularity.ranking(second)[0])
    expect(first.toSorted()).not.toEqual(second.toSorted())
  })

  test('behavior: a smaller electorate has smaller polls', () => {
    const model = smallCity()
    const sizes = Popularity.participants(City.create(model, { seed: '1', size: 4000 }))
    expect(sum(sizes) / (model.polls.votes / 10)).toBeCloseTo(1, 2)
    const one = Popularity.participants(City.create(model, { seed: '1', size: 1 }))
    expect(Math.max(...one)).toBeLessThanOrEqual(1)
  })

  test.each([0.3, 1, 3])('behavior: a tail of shape %d', (tailShape) => {
    const model = smallCity()
    const polls = { ...model.polls, tailShape }
    const sizes = Popularity.participants(City.create({ ...model, polls }, { seed: '1' }))
    expect(sum(sizes)).toBe(model.polls.votes)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4400)
  })

  test('behavior: no popular polls, and all polls alike', () => {
    const model = smallCity()
    const polls = {
      count: 10,
      votes: 20_000,
      tailShape: 1,
      popular: { count: 0, min: 2000, max: 2000 },
    }
    const sizes = Popularity.participants(City.create({ ...model, polls }, { seed: '1' }))
    expect([...sizes]).toEqual(Array<number>(10).fill(2000))
  })
})
