import { describe, expect, test } from 'vitest'

import { NONE } from '../../helpers/exactlyOnce.ts'
import { storm } from './mutants.ts'

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
