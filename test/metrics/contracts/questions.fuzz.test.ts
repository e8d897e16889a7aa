import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Anvil from '../anvil.ts'
import * as Questions from './questions.ts'

/** The long form, `npm run fuzz`, runs more. */
const OPTIONS = { seed: 2017, numRuns: 60 }
const TIMEOUT_MS = 120_000

let anvil: Anvil.Anvil
beforeAll(async () => {
  anvil = await Anvil.start()
}, TIMEOUT_MS)
afterAll(() => anvil.stop())

describe.each(Object.entries(Questions.DEPLOYMENTS))('decodeCall of vote, %s', (_, deploy) => {
  test(
    'default: what the contract has counted, and how',
    async () => {
      const world = await Questions.found(anvil, deploy)
      const { calldataCount, takenCount, countedCount } = await Questions.fuzz(world, OPTIONS)
      expect(countedCount).toBeGreaterThan(0)
      expect(takenCount).toBeGreaterThan(calldataCount / 3)
      expect(takenCount).toBeLessThan(calldataCount)
    },
    TIMEOUT_MS,
  )
})
