import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { NONE } from '../../helpers/exactlyOnce.ts'
import * as System from '../../helpers/system.ts'
import type { CityBallot } from '../../helpers/systemCity.ts'

/** What the journal must hold of the batches of one round when the process dies there. */
const CRASHES = [
  { at: 'before-claim', state: undefined },
  { at: 'after-claim', state: 'claimed' },
  { at: 'before-sign', state: 'claimed' },
  { at: 'after-sign', state: 'signed' },
  { at: 'before-send', state: 'signed' },
  { at: 'after-send', state: 'signed' },
  { at: 'before-mark', state: 'signed' },
  { at: 'after-mark', state: 'sent' },
] as const

/** Batches in a round. */
const BATCHES = 4

let system: System.System
let configFile: string
const acknowledged: CityBallot[] = []

beforeAll(async () => {
  system = await System.onAnvil()
  configFile = system.relayerConfig('relayer', { batchBallotsMax: 25 })
}, 60_000)
afterAll(() => system.dispose(), 30_000)

describe('resume', { timeout: 60_000 }, () => {
  test.each(CRASHES)('behavior: killed $at', async ({ at, state }) => {
    const ballots = system.ballots(acknowledged.length, 100)
    acknowledged.push(...ballots)
    await system.acknowledge(ballots)
    const doomed = await system.startRelayer(configFile, {
      main: 'test/helpers/crashingRelayer.ts',
      environment: { CRASH_AT: at },
    })
    expect(await doomed.exited()).toBe('SIGKILL')
    const { rows } = await system.pool.query<{ state: string }>(
      `select state from batches where state in ('claimed', 'signed', 'sent', 'included')
       order by batch_id`,
    )
    const waiting = await system.pool.query<{ count: number }>(
      `select count(*)::int as count from ballots left join batches using (batch_id)
       where state is distinct from 'final'`,
    )
    expect(waiting.rows[0]?.count).toBeGreaterThan(0)
    expect(rows.map((row) => row.state)).toEqual(
      Array(state === undefined ? 0 : BATCHES).fill(state),
    )

    const relayer = await system.startRelayer(configFile)
    await system.drained()
    expect(await relayer.kill('SIGTERM')).toBe(0)
    expect(await system.violations(acknowledged)).toEqual(NONE)
  })
})
