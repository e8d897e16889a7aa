import { beforeAll, describe, expect, test } from 'vitest'

import { REGISTER_CHUNK_VOTERS } from '../../../scenarios/ballots/Contract.ts'
import * as cities from '../../../scenarios/cities/cities.ts'
import * as City from '../../../scenarios/population/City.ts'
import * as CityOrder from '../../../scenarios/schedule/CityOrder.ts'
import * as Roll from '../../../scenarios/population/Roll.ts'
import { sparse } from '../../../scenarios/schedule/sparse.ts'

const CHUNKS = 40
const SIZE = CHUNKS * REGISTER_CHUNK_VOTERS
const PARTICIPANTS = Math.round(SIZE * 0.11)
/** A batch half as long as there are chunks. */
const BATCH = CHUNKS / 2

let plain: CityOrder.CityOrder
let apart: CityOrder.CityOrder
let many: CityOrder.CityOrder
beforeAll(() => {
  const city = City.create(cities.read('whole-city'), { seed: '1', size: SIZE })
  const rollOf = (pollId: number, participants: number): Roll.Roll =>
    Roll.create(city, { pollId, participants })
  plain = CityOrder.create('1', [rollOf(1, PARTICIPANTS)])
  apart = sparse(plain, '1')
  many = sparse(CityOrder.create('1', [rollOf(1, 900), rollOf(2, 300), rollOf(3, 700)]), '1')
})

/** Ballots of the whole storm that share a chunk with an earlier one of their batch, as a share. */
function shared(order: CityOrder.CityOrder): number {
  let count = 0
  for (let first = 0; first + BATCH <= order.ballotCountMax; first += BATCH) {
    const chunks = new Set<number>()
    for (let ballot = first; ballot < first + BATCH; ballot += 1) {
      chunks.add(Math.floor(order.at(ballot).voterIndex / REGISTER_CHUNK_VOTERS))
    }
    count += BATCH - chunks.size
  }
  return count / order.ballotCountMax
}

describe('sparse', () => {
  test('default: the ballots of a batch lie in chunks of their own, as a city’s do', () => {
    expect(shared(apart)).toBeLessThan(0.005)
    // Without it a fifth of them meet: what the gas of a small register hides.
    expect(shared(plain)).toBeGreaterThan(0.18)
  })

  test('behavior: the very same ballots, each once', () => {
    const voters = new Set<number>()
    for (let ballot = 0; ballot < PARTICIPANTS; ballot += 1) {
      const { voterIndex } = apart.at(ballot)
      voters.add(voterIndex)
      expect(apart.ballotOf(0, voterIndex)).toBe(ballot)
    }
    expect(voters.size).toBe(PARTICIPANTS)
    const before = Array.from({ length: PARTICIPANTS }, (_, ballot) => plain.at(ballot).voterIndex)
    expect(voters).toEqual(new Set(before))
  })

  test('behavior: nonces follow the new order where a voter has several ballots', () => {
    const counts = new Map<number, number>()
    for (let ballot = 0; ballot < many.ballotCountMax; ballot += 1) {
      const { voterIndex } = many.at(ballot)
      const before = counts.get(voterIndex) ?? 0
      expect(many.nonceOf(ballot)).toBe(before)
      expect(many.ballotsOf(voterIndex)[before]).toBe(ballot)
      counts.set(voterIndex, before + 1)
    }
    expect(Math.max(...counts.values())).toBeGreaterThan(1)
  })

  test('behavior: who votes early, votes early', () => {
    const third = Math.floor(PARTICIPANTS / 3)
    let early = 0
    for (let ballot = 0; ballot < third; ballot += 1) {
      if ((plain.ballotOf(0, apart.at(ballot).voterIndex) ?? PARTICIPANTS) < third) early += 1
    }
    expect(early / third).toBeGreaterThan(0.9)
  })
})
