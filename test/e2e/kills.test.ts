import { describe, expect, test } from 'vitest'

import { NONE } from '../helpers/exactlyOnce.ts'
import * as System from '../helpers/system.ts'
import { underFire } from '../helpers/systemKills.ts'
import { startQbft } from '../helpers/systemQbft.ts'

/** Enough for the load of a minute on a slow machine; the long form is kills.long.test.ts. */
const VOTERS = 8000

describe('underFire', () => {
  test(
    'behavior: seven kills of every part lose and double nothing',
    { timeout: 300_000 },
    async () => {
      const network = await startQbft()
      const system = await System.on(network, { voters: VOTERS, blockTimeMs: 1000 })
      try {
        const result = await underFire(system, {
          seed: 'kills-1',
          kills: { relayer: 2, 'relayer-2': 1, api: 1, postgres: 2, validator: 1 },
          ratePerS: 80,
          voters: VOTERS,
        })
        process.stdout.write(`${JSON.stringify(result.kills)}\n`)
        process.stdout.write(
          `${result.acknowledged} acknowledged, ${result.unanswered} unanswered, ${JSON.stringify([...result.refusals])}\n`,
        )
        expect(result.isDrained, result.relayerOutput).toBe(true)
        expect(result.violations).toEqual(NONE)
        expect(result.kills).toHaveLength(7)
        expect(result.kills.filter(({ work }) => work === 0)).toEqual([])
        expect(result.acknowledged).toBeGreaterThan(500)
      } finally {
        await system.dispose()
      }
    },
  )
})
