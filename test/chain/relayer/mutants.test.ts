import { describe, expect, test } from 'vitest'

import { storm } from './mutants.ts'

/** One safeguard is taken away, and the checker must find it; mutants.long.test.ts takes each of them. */
describe('underFire', { timeout: 300_000 }, () => {
  test('behavior: without the guard, ballots are doubled', async () => {
    const kills = { relayer: 2, 'relayer-2': 1 }
    const result = await storm({ contract: 'UnguardedBallotBox' }, { kills })
    expect(result.violations.duplicated.length).toBeGreaterThan(0)
  })
})
