import { describe, expect, test } from 'vitest'

import * as System from '../../helpers/system.ts'
import { underFire, type Options, type Result } from '../../helpers/systemKills.ts'

/** One safeguard is taken away, and the checker must find it; mutants.long.test.ts takes each of them. */
const BLOCK_TIME_MS = 1000
const VOTERS = 6000

async function storm(system: System.Options, options: Partial<Options>): Promise<Result> {
  const on = await System.onAnvil({ voters: VOTERS, blockTimeMs: BLOCK_TIME_MS, ...system })
  try {
    return await underFire(on, {
      seed: 'mutants-1',
      kills: { relayer: 2, 'relayer-2': 1 },
      ratePerS: 100,
      voters: VOTERS,
      ...options,
    })
  } finally {
    await on.dispose()
  }
}

describe('underFire', { timeout: 300_000 }, () => {
  test('behavior: without the guard, ballots are doubled', async () => {
    const result = await storm({ contract: 'UnguardedBallotBox' }, {})
    expect(result.violations.duplicated.length).toBeGreaterThan(0)
  })
})
