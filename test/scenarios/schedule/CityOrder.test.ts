import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { followOrder, type Followed } from '../../../scenarios/calibration/countOrder.ts'
import { orderRows } from '../../../scenarios/calibration/modelRows.ts'
import { problems } from '../../../scenarios/calibration/Row.ts'
import * as City from '../../../scenarios/population/City.ts'
import * as CityOrder from '../../../scenarios/schedule/CityOrder.ts'
import * as Participation from '../../../scenarios/population/Participation.ts'
import * as Roll from '../../../scenarios/population/Roll.ts'
import { smallCity, stratumOf } from '../population/smallCity.ts'

const MODEL = smallCity()
const CITY = City.create(MODEL, { seed: '1' })

function orderOf(participants: readonly number[], city = CITY): CityOrder.CityOrder {
  const rolls = participants.map((count, poll) =>
    Roll.create(city, { pollId: poll + 1, participants: count }),
  )
  return CityOrder.create(city.seed, rolls)
}

function votersOf(roll: Roll.Roll): number[] {
  return Array.from({ length: roll.count }, (_, entry) => roll.voterAt(entry))
}

function problemsOf(order: Followed): string[] {
  return problems(orderRows([followOrder(order, CITY.size)]))
}

describe('Participation', () => {
  test('default: the shares sum to the poll, and the keen vote more', () => {
    for (const participants of [1, 50, 4400, 30_000, 39_999]) {
      const shares = Participation.shares(CITY.strata, participants)
      const votes = CITY.strata.list.reduce(
        (sum, { size }, index) => sum + size * (shares[index] ?? 0),
        0,
      )
      expect(votes).toBeCloseTo(participants, 1)
      expect(Math.max(...shares)).toBeLessThanOrEqual(1)
      const [dormant = 0, , , devoted = 0] = shares
      expect(devoted).toBeGreaterThan(dormant)
    }
  })

  test('behavior: nobody and everybody', () => {
    expect(new Set(Participation.shares(CITY.strata, 0))).toEqual(new Set([0]))
    expect(new Set(Participation.shares(CITY.strata, 40_000))).toEqual(new Set([1]))
  })
})

describe('Roll', () => {
  test('default: each stratum has its quota', () => {
    const roll = Roll.create(CITY, { pollId: 3, participants: 4400 })
    const byStratum = new Float64Array(CITY.strata.list.length)
    for (const voter of votersOf(roll)) {
      const { stratum } = City.placeOf(CITY, voter)
      byStratum[stratum] = (byStratum[stratum] ?? 0) + 1
    }
    expect(byStratum).toEqual(roll.quotas)
    expect(roll.quotas.reduce((sum, quota) => sum + quota, 0)).toBe(4400)
  })

  test('behavior: small polls leave no stratum out for ever', () => {
    const taken = new Float64Array(CITY.strata.list.length)
    for (let pollId = 0; pollId < 2000; pollId += 1) {
      const { quotas } = Roll.create(CITY, { pollId, participants: 50 })
      for (const [stratum, quota] of quotas.entries())
        taken[stratum] = (taken[stratum] ?? 0) + quota
    }
    const shares = Participation.shares(CITY.strata, 50)
    const expected = CITY.strata.list.map(({ size }, index) => 2000 * size * (shares[index] ?? 0))
    for (const [stratum, quota] of taken.entries()) {
      const chance = 5 * Math.sqrt((expected[stratum] ?? 0) + 1)
      expect(Math.abs(quota - (expected[stratum] ?? 0))).toBeLessThan(chance)
    }
  })

  test('behavior: each activity class votes as early as its model says', () => {
    const [early, all] = [new Float64Array(4), new Float64Array(4)]
    for (let pollId = 0; pollId < 30; pollId += 1) {
      const roll = Roll.create(CITY, { pollId, participants: 4400 })
      for (const [entry, voter] of votersOf(roll).entries()) {
        const { activity } = stratumOf(CITY, voter)
        all[activity] = (all[activity] ?? 0) + 1
        if (entry < roll.earlyCount) early[activity] = (early[activity] ?? 0) + 1
      }
    }
    const shares = early.map((count, activity) => count / (all[activity] ?? 0))
    for (const [activity, { earlyShare }] of MODEL.activities.entries()) {
      expect(Math.abs((shares[activity] ?? 0) - earlyShare)).toBeLessThan(0.02)
    }
  })

  test('behavior: other voters in another poll and under another seed', () => {
    const first = Roll.create(CITY, { pollId: 1, participants: 400 })
    const poll = Roll.create(CITY, { pollId: 2, participants: 400 })
    const seed = Roll.create(City.create(MODEL, { seed: '2' }), { pollId: 1, participants: 400 })
    const known = new Set(votersOf(first))
    for (const other of [poll, seed]) {
      expect(votersOf(other).filter((voter) => known.has(voter)).length).toBeLessThan(60)
    }
  })

  test('behavior: those who stay at home have no entry', () => {
    const roll = Roll.create(CITY, { pollId: 1, participants: 4400 })
    const entries = Array.from({ length: CITY.size }, (_, voter) => roll.entryOf(voter))
    const found = entries.filter((entry) => entry !== undefined)
    expect(found.toSorted((one, other) => one - other)).toEqual([...Array(4400).keys()])
  })

  test('error: no such entry', () => {
    const roll = Roll.create(CITY, { pollId: 1, participants: 10 })
    expect(() => roll.voterAt(10)).toThrow(RangeError)
  })
})

describe('CityOrder', () => {
  test('default: nobody votes twice, and each ballot is found from its voter', () => {
    expect(problemsOf(orderOf([4400]))).toEqual([])
    expect(problemsOf(orderOf([4400, 50, 1, 0, 2740]))).toEqual([])
    expect(problemsOf(orderOf([40_000]))).toEqual([])
  })

  test('behavior: any city and polls', () => {
    const size = fc.integer({ min: 1, max: 400 })
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 })
    fc.assert(
      fc.property(size, shares, fc.string(), (voters, given, seed) => {
        const city = City.create(MODEL, { seed, size: voters })
        const order = orderOf(
          given.map((share) => Math.round(share * voters)),
          city,
        )
        const count = followOrder(order, voters)
        expect(count).toMatchObject({ repeatedCount: 0, lostCount: 0 })
      }),
      { seed: 4, numRuns: 60 },
    )
  })

  test('behavior: nonces follow cast order', () => {
    const order = orderOf([4400, 4000, 3000])
    const next = new Map<number, number>()
    for (let ballot = 0; ballot < order.ballotCountMax; ballot += 1) {
      const { voterIndex } = order.at(ballot)
      const nonce = next.get(voterIndex) ?? 0
      next.set(voterIndex, nonce + 1)
      expect(order.nonceOf(ballot)).toBe(nonce)
      expect(order.ballotsOf(voterIndex)[nonce]).toBe(ballot)
    }
    expect(Math.max(...next.values())).toBe(3)
  })

  test('behavior: polls are mixed in time, and the order is not the one of the strata', () => {
    const order = orderOf([4000, 4000])
    const first = Array.from({ length: 1000 }, (_, ballot) => order.at(ballot))
    const ofFirstPoll = first.filter(({ poll }) => poll === 0).length
    expect(ofFirstPoll).toBeGreaterThan(400)
    expect(ofFirstPoll).toBeLessThan(600)
    const districts = first.map(({ voterIndex }) => stratumOf(CITY, voterIndex).district)
    const changes = districts.filter((district, index) => district !== districts[index - 1]).length
    expect(changes).toBeGreaterThan(800)
  })

  test('mutant: a voter who comes twice, and a ballot that is not found again', () => {
    const order = orderOf([4400])
    const twice: Followed = {
      ...order,
      at: (ballot) => order.at(ballot === 17 ? 16 : ballot),
    }
    expect(problemsOf(twice)).toHaveLength(2)
    const lost: Followed = {
      ...order,
      ballotOf: (poll, voter) => {
        const ballot = order.ballotOf(poll, voter)
        return ballot === 17 ? undefined : ballot
      },
    }
    expect(problemsOf(lost)).toEqual([
      'voters and ballots that could not be traced back: counted 1, not from 0 to 0.',
    ])
  })

  test('error: no such ballot, no such poll', () => {
    const order = orderOf([10])
    expect(() => order.at(10)).toThrow(RangeError)
    expect(() => order.ballotOf(1, 0)).toThrow(RangeError)
  })
})
