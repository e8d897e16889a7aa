import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as Buildings from '../../../scenarios/population/Buildings.ts'

const SIZE = { votersMin: 50, votersMax: 400 }

describe('create', () => {
  test('default: door to door, of all sizes, the same for a seed', () => {
    const buildings = Buildings.create('1', 450_000, SIZE)
    expect(buildings).toHaveLength(2000)
    const sizes = buildings.map(({ voterCount }) => voterCount)
    expect(Math.min(...sizes)).toBeLessThan(60)
    expect(Math.max(...sizes)).toBeGreaterThan(380)
    expect(Buildings.create('1', 450_000, SIZE)).toEqual(buildings)
    expect(Buildings.create('2', 450_000, SIZE)).not.toEqual(buildings)
  })

  test('behavior: whatever the number of voters, all live somewhere and none in two', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.string(), (voters, seed) => {
        const buildings = Buildings.create(seed, voters, SIZE)
        let next = 0
        for (const { firstVoter, voterCount } of buildings) {
          expect(firstVoter).toBe(next)
          expect(voterCount).toBeGreaterThanOrEqual(Math.min(voters, SIZE.votersMin))
          expect(voterCount).toBeLessThanOrEqual(SIZE.votersMax)
          next += voterCount
        }
        expect(next).toBe(voters)
      }),
      { seed: 2017, numRuns: 300 },
    )
  })
})
