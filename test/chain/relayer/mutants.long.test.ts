import { describe, expect, test } from 'vitest'

import { NONE } from '../../helpers/exactlyOnce.ts'
import * as System from '../../helpers/system.ts'
import { underFire, type Options, type Result } from '../../helpers/systemKills.ts'

/**
 * The storm of kills with one safeguard taken away at a time: the checker must find what that
 * safeguard is there for. The control run shows that nothing else makes it cry.
 */
const BLOCK_TIME_MS = 1000
const VOTERS = 6000

async function storm(system: System.Options, options: Partial<Options>): Promise<Result> {
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

describe('underFire', { timeout: 300_000 }, () => {
  test('default', async () => {
    const result = await storm({}, {})
    expect(result.isDrained, result.relayerOutput).toBe(true)
    expect(result.violations).toEqual(NONE)
    expect(result.kills.filter(({ work }) => work === 0)).toEqual([])
    expect(result.acknowledged).toBeGreaterThan(500)
  })

  test('behavior: without the guard, ballots are doubled', async () => {
    const result = await storm({ contract: 'UnguardedBallotBox' }, {})
    expect(result.violations.duplicated.length).toBeGreaterThan(0)
  })

  test('behavior: without the journal, ballots are lost', async () => {
    const relayerMain = 'test/helpers/relayerWithoutJournal.ts'
    const kills = { relayer: 2, 'relayer-2': 2 }
    const result = await storm({}, { relayerMain, kills, drainTimeoutMs: 8000 })
    expect(result.violations.lost.length).toBeGreaterThan(0)
  })

  test('behavior: without synchronous commits, ballots are lost', async () => {
    // The log writer's pause makes the loss likely, and further seeds make it sure: a ballot is lost
    // only where it was acknowledged and not yet carried when the server died.
    const postgresSettings = { synchronous_commit: 'off', wal_writer_delay: '10000ms' }
    let lostCount = 0
    for (const seed of ['mutants-1', 'mutants-2', 'mutants-3', 'mutants-4']) {
      if (lostCount > 0) break
      const { violations } = await storm({ postgresSettings }, { seed, kills: { postgres: 6 } })
      lostCount = violations.lost.length
    }
    expect(lostCount).toBeGreaterThan(0)
  })
})
