import { describe, expect, test } from 'vitest'

import * as ChiSquared from '../../../scenarios/calibration/ChiSquared.ts'
import * as City from '../../../scenarios/population/City.ts'
import * as Opinion from '../../../scenarios/population/Opinion.ts'
import { smallCity, stratumOf } from './smallCity.ts'

const MODEL = smallCity()
const CITY = City.create(MODEL, { seed: '1' })

function indexOf(id: string): number {
  return MODEL.districts.findIndex((district) => district.id === id)
}

/** What the first voters choose. */
function choices(opinion: Opinion.Opinion, voters: number): number[] {
  return Array.from({ length: voters }, (_, voter) => opinion.choiceOf(voter))
}

/** How far two districts are apart in opinion: half of the differences of the shares. */
function distance({ districtShares }: Opinion.Opinion, one: number, other: number): number {
  const [left, right] = [districtShares[one] ?? [], districtShares[other] ?? []]
  return [...left].reduce((sum, share, index) => sum + Math.abs(share - (right[index] ?? 0)), 0) / 2
}

describe('Opinion', () => {
  test('default: shares of a district sum to 1, the same choice each time', () => {
    const opinion = Opinion.create(CITY, { pollId: 1, optionCount: 4 })
    for (const shares of opinion.districtShares) {
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
    }
    const again = Opinion.create(CITY, { pollId: 1, optionCount: 4 })
    expect(choices(again, 200)).toEqual(choices(opinion, 200))
    const another = Opinion.create(CITY, { pollId: 2, optionCount: 4 })
    expect(choices(another, 200)).not.toEqual(choices(opinion, 200))
  })

  test('behavior: the choices of a district are its shares but for chance', () => {
    const opinion = Opinion.create(CITY, { pollId: 3, optionCount: 3 })
    const counted = MODEL.districts.map(() => new Float64Array(3))
    for (let voter = 0; voter < CITY.size; voter += 1) {
      const row = counted[stratumOf(CITY, voter).district]
      const choice = opinion.choiceOf(voter)
      if (row !== undefined) row[choice] = (row[choice] ?? 0) + 1
    }
    for (const [district, row] of counted.entries()) {
      const voters = row.reduce((sum, count) => sum + count, 0)
      const expected = opinion.districtShares[district]?.map((share) => share * voters) ?? []
      const { statistic, degrees } = ChiSquared.of(row, expected)
      expect(statistic / degrees).toBeLessThan(ChiSquared.interval(degrees, ChiSquared.Z_9999).high)
    }
  })

  test('behavior: neighbours vote more alike than the ends of the city, over many polls', () => {
    const [near, far] = [0, 0].map((_, isFar) =>
      Array.from({ length: 100 }, (__, poll) => {
        const opinion = Opinion.create(CITY, { pollId: poll, optionCount: 3 })
        return distance(
          opinion,
          indexOf('satellite-town'),
          indexOf(isFar === 1 ? 'new-south-west' : 'north'),
        )
      }).reduce((sum, value) => sum + value, 0),
    )
    expect(far).toBeGreaterThan(2 * (near ?? Number.NaN))
  })

  test('behavior: without geography all districts are alike', () => {
    const city = City.create({ ...MODEL, geography: 0 }, { seed: '1' })
    const opinion = Opinion.create(city, { pollId: 1, optionCount: 5 })
    expect(distance(opinion, 9, 11)).toBe(0)
  })

  test('behavior: one option, and 255', () => {
    expect(Opinion.create(CITY, { pollId: 1, optionCount: 1 }).choiceOf(5)).toBe(0)
    const opinion = Opinion.create(CITY, { pollId: 1, optionCount: 255 })
    const chosen = new Set(choices(opinion, 20_000))
    expect(Math.max(...chosen)).toBeLessThanOrEqual(254)
    expect(chosen.size).toBeGreaterThan(150)
  })
})
