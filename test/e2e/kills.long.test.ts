import { describe, expect, test } from 'vitest'

import { NONE } from '../helpers/exactlyOnce.ts'
import * as System from '../helpers/system.ts'
import { underFire } from '../helpers/systemKills.ts'
import { startQbft } from '../helpers/systemQbft.ts'

/** Enough for the load of three minutes. */
const VOTERS = 16_000

describe('underFire', () => {
  test(
    'behavior: 24 kills of every part lose and double nothing',
    { timeout: 300_000 },
    async () => {
      const network = await startQbft()
      const system = await System.on(network, { voters: VOTERS, blockTimeMs: 1000 })
      try {
        const result = await underFire(system, {
          seed: 'kills-1',
          kills: { relayer: 5, 'relayer-2': 4, api: 6, postgres: 5, validator: 4 },
          ratePerS: 80,
          voters: VOTERS,
        })
        process.stdout.write(`${JSON.stringify(result.kills)}\n`)
        process.stdout.write(
          `${result.acknowledged} acknowledged, ${result.unanswered} unanswered, ${JSON.stringify([...result.refusals])}\n`,
        )
        expect(result.isDrained, result.relayerOutput).toBe(true)
        expect(result.violations).toEqual(NONE)
        expect(result.kills).toHaveLength(24)
        expect(result.kills.filter(({ work }) => work === 0)).toEqual([])
        expect(result.acknowledged).toBeGreaterThan(2000)
      } finally {
        await system.dispose()
      }
    },
  )
})
