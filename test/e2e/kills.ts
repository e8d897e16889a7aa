import { expect } from 'vitest'

import { NONE } from '../helpers/exactlyOnce.ts'
import * as System from '../helpers/system.ts'
import { underFire, type Options } from '../helpers/systemKills.ts'

/** Enough for the load of three minutes. */
const VOTERS = 16_000

/** It must drain; on a busy machine that takes its time. */
const DRAIN_TIMEOUT_MS = 150_000

/** Kills parts of a system under load, each while it has work: nothing is lost and nothing doubled. */
export async function survives(kills: Options['kills'], acknowledgedMin: number): Promise<void> {
  const system = await System.on('qbft', { voters: VOTERS, blockTimeMs: 1000 })
  try {
    const load = { ratePerS: 80, voters: VOTERS, drainTimeoutMs: DRAIN_TIMEOUT_MS }
    const result = await underFire(system, { seed: 'kills-1', kills, ...load })
    process.stdout.write(`${JSON.stringify(result.kills)}\n`)
    process.stdout.write(
      `${result.acknowledged} acknowledged, ${result.unanswered} unanswered, ${JSON.stringify([...result.refusals])}\n`,
    )
    expect(result.isDrained, result.relayerOutput).toBe(true)
    expect(result.violations).toEqual(NONE)
    const wanted = Object.values(kills).reduce((sum, count) => sum + count, 0)
    expect(result.kills).toHaveLength(wanted)
    expect(result.kills.filter(({ work }) => work === 0)).toEqual([])
    expect(result.acknowledged).toBeGreaterThan(acknowledgedMin)
  } finally {
    await system.dispose()
  }
}
