import * as System from '../../helpers/system.ts'
import { underFire, type Options, type Result } from '../../helpers/systemKills.ts'

/**
 * The storm of kills with one safeguard taken away at a time: the checker must find what that
 * safeguard is there for. The control run shows that nothing else makes it cry.
 */
const BLOCK_TIME_MS = 1000
const VOTERS = 6000

export async function storm(system: System.Options, options: Partial<Options>): Promise<Result> {
  const on = await System.onAnvil({ voters: VOTERS, blockTimeMs: BLOCK_TIME_MS, ...system })
  try {
    return await underFire(on, {
      seed: 'mutants-1',
      kills: { relayer: 3, 'relayer-2': 2, api: 1, postgres: 2 },
      ratePerS: 100,
      voters: VOTERS,
      ...options,
    })
  } finally {
    await on.dispose()
  }
}
