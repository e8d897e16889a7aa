import * as fc from 'fast-check'
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
  test.each([
    ['castBatch', (): fc.Arbitrary<Boxes.Call> => Boxes.batches(world), Boxes.checkBox],
    ['cast', (): fc.Arbitrary<Boxes.Call> => Boxes.casts(world), Boxes.checkBox],
    [
      'cast and castBatch in one block',
      (): fc.Arbitrary<Boxes.Call> => fc.oneof(Boxes.casts(world), Boxes.batches(world)),
      Boxes.checkBox,
    ],
    ['anchor', (): fc.Arbitrary<Boxes.Call> => Boxes.anchors(world), Boxes.checkAnchor],
  ] as const)(
    'default: takes what the contract takes of %s, and counts what it counts',
    async (name, calls, check) => {
      const checkCalls = (block: readonly Boxes.Call[]): Promise<number> => check(world, block)
      const counts = await Boxes.fuzz(world, calls(), checkCalls, OPTIONS)
      tell(name, counts)
      expect(counts.calldataCount).toBeGreaterThanOrEqual(CALLDATA_MIN)
      expect(counts.takenCount).toBeGreaterThan(counts.calldataCount / 3)
    },
    TIMEOUT_MS,
  )
})
