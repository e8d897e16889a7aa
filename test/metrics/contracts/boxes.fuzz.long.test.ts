import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { START_TIMEOUT_MS } from '../../contracts/Chain.ts'
import * as Boxes from './boxes.ts'
import { tell } from './fuzz.ts'

/** One to three calls each. */
const OPTIONS = { seed: 12, numRuns: 6000 }
const CALLDATA_MIN = 10_000
const TIMEOUT_MS = 20 * 60_000

let world: Boxes.World
beforeAll(async () => {
  world = await Boxes.found()
}, START_TIMEOUT_MS)
afterAll(() => world.setup.chain.close())

describe('decodeCall', () => {
  test.each(Object.entries(Boxes.KINDS))(
    'default: takes what the contract takes of %s, and counts what it counts',
    async (name, kind) => {
      const counts = await Boxes.fuzz(world, kind, OPTIONS)
      tell(name, counts)
      expect(counts.calldataCount).toBeGreaterThanOrEqual(CALLDATA_MIN)
      expect(counts.takenCount).toBeGreaterThan(counts.calldataCount / 3)
    },
    TIMEOUT_MS,
  )
})
