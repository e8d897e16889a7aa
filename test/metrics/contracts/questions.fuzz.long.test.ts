import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Anvil from '../anvil.ts'
import { tell } from './fuzz.ts'
import * as Questions from './questions.ts'

/** One to three calls each. */
const OPTIONS = { seed: 12, numRuns: 5500 }
const CALLDATA_MIN = 10_000
const TIMEOUT_MS = 30 * 60_000

let anvil: Anvil.Anvil
beforeAll(async () => {
  anvil = await Anvil.start()
}, TIMEOUT_MS)
afterAll(() => anvil.stop())

describe.each(Object.entries(Questions.DEPLOYMENTS))('decodeCall of vote, %s', (name, deploy) => {
  test(
    'default: what the contract has counted, and how',
    async () => {
      const world = await Questions.found(anvil, deploy)
      const counts = await Questions.fuzz(world, OPTIONS)
      tell(`vote of 2017, ${name}`, counts)
      expect(counts.calldataCount).toBeGreaterThanOrEqual(CALLDATA_MIN)
      expect(counts.takenCount).toBeGreaterThan(counts.calldataCount / 3)
    },
    TIMEOUT_MS,
  )
})
