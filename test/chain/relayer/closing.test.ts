import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, test } from 'vitest'

import { NONE } from '../../helpers/exactlyOnce.ts'
import * as System from '../../helpers/system.ts'
import * as Voters from '../../helpers/systemVoters.ts'

const VOTERS = 6000

describe('start', { timeout: 120_000 }, () => {
  test('behavior: a full backlog and a killed relayer across closing', async () => {
    const system = await System.onAnvil({
      voters: VOTERS,
      // A busy machine takes half of it to begin.
      closesIn: 28,
      sealsAfter: 8,
      blockTimeMs: 1000,
    })
    try {
      const configFile = system.relayerConfig('relayer')
      const relayer = await system.startRelayer(configFile)
      const api = await system.startApi(await system.apiConfig())
      const { pollId, closesAt, sealsAt } = system.poll
      const voters = Voters.start({
        url: api.url,
        pollId,
        ballot: (voter) => (voter < VOTERS ? system.ballots(voter, 1)[0] : undefined),
        ratePerS: 150,
      })
      // Killed before the closing, early enough for the API to see that nothing drains any more.
      await sleep(Math.max(0, (closesAt - 9) * 1000 - Date.now()))
      await relayer.kill()
      await sleep(Math.max(0, closesAt * 1000 - Date.now()))
      await voters.finish()
      const { rows } = await system.pool.query<{ count: number }>(
        `select count(*)::int as count from ballots left join batches using (batch_id)
         where state is distinct from 'final'`,
      )
      const waiting = rows[0]?.count ?? 0
      expect(Math.floor(Date.now() / 1000)).toBeGreaterThanOrEqual(closesAt)
      expect(voters.refusals().get('BACKLOG') ?? 0).toBeGreaterThan(0)
      expect(voters.refusals().get('POLL_CLOSED') ?? 0).toBeGreaterThan(0)
      expect(waiting).toBeGreaterThan(300)

      await system.startRelayer(configFile)
      await system.drained()
      const acknowledged = voters.acknowledged()
      expect(acknowledged.length).toBeGreaterThan(waiting)
      expect(await system.violations(acknowledged, voters.unanswered())).toEqual(NONE)
      const last = await system.pool.query<{ number: number }>(
        'select max(block_number)::int as number from batches',
      )
      expect(await system.timestamp(last.rows[0]?.number ?? 0)).toBeLessThanOrEqual(sealsAt)
    } finally {
      await system.dispose()
    }
  })
})
