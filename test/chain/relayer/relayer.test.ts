import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { NONE } from '../../helpers/exactlyOnce.ts'
import * as System from '../../helpers/system.ts'

describe('start', () => {
  let system: System.System
  beforeAll(async () => {
    system = await System.onAnvil()
  }, 60_000)
  afterAll(() => system.dispose())

  test('default', { timeout: 60_000 }, async () => {
    const ballots = system.ballots(0, 1000)
    await system.acknowledge(ballots)
    const t = performance.now()
    const relayer = await system.startRelayer(system.relayerConfig('relayer-0'))
    await system.drained()
    console.log('drained', performance.now() - t, relayer.output())
    expect(await system.violations(ballots)).toEqual(NONE)
    expect(await relayer.kill('SIGTERM')).toBe(0)
  })
})
