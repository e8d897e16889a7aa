import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { anchored } from '../../../../chain/relayer/submitters/anchored.ts'
import * as Anchor from '../../../../scenarios/ballots/Anchor.ts'
import * as Mirrored from '../../../helpers/mirrored.ts'
import * as System from '../../../helpers/system.ts'
import * as Servers from '../../../helpers/systemServers.ts'
import { until } from '../../../helpers/systemChild.ts'
import type { CityBallot } from '../../../helpers/systemCity.ts'

const BALLOT_ANCHOR = '0x00000000000000000000000000000000000000a0'

function ballots(count: number, polls = 1) {
  return Array.from({ length: count }, (_, index) => ({
    pollId: 1 + (index % polls),
    voterIndex: 2 ** 32 - 1 - index,
    choice: index % 255,
    signature: undefined,
  }))
}

describe('encode', () => {
  const submitter = anchored({ ballotAnchor: BALLOT_ANCHOR })

  test('default', () => {
    const given = ballots(100, 3)
    const call = submitter.encode(given, 60_000_000)
    const data = `0x${Buffer.from(call.data).toString('hex')}`
    const [root, packed] = Anchor.ballotAnchor.decodeFunctionData('anchor', data)
    expect(Anchor.ballotAnchor.encodeFunctionData('anchor', [root, packed])).toBe(data)
    expect(root).toBe(Anchor.root(given))
    expect(new Set(submitter.decode(call).map(Mirrored.keyOf))).toEqual(
      new Set(given.map(Mirrored.keyOf)),
    )
    expect(submitter.encode(given.toReversed(), 60_000_000)).toEqual(call)
  })

  test('behavior: a full batch has room in a transaction, each ballot of a poll of its own', () => {
    const { data } = submitter.encode(ballots(submitter.batchBallotsMax, 2 ** 16), 60_000_000)
    expect(data.length).toBeLessThan(64 * 1024 - 200)
  })
})

describe('start', { timeout: 60_000 }, () => {
  let servers: Servers.Servers
  let system: System.System
  beforeAll(async () => {
    servers = await Servers.start('anvil')
  }, 60_000)
  afterAll(() => servers?.dispose(), 30_000)
  afterEach(() => system.dispose(), 30_000)

  async function inState(state: string, count: number): Promise<void> {
    await until(
      () => `${count} batches ${state}`,
      async () => (await system.batches())[state] === count,
    )
  }

  /** Ballots of a poll that the contract does not know, as a database gone astray might have. */
  async function acknowledgeStray(count: number): Promise<void> {
    await system.pool.query(
      `insert into polls (poll_id, poll_digest, question, options, opens_at, closes_at, seals_at)
       select 2, poll_digest, question, options, opens_at, closes_at, seals_at from polls`,
    )
    const stray = system.ballots(1900, count)
    await system.acknowledge(stray.map((ballot) => ({ ...ballot, pollId: 2 })))
  }

  async function expectMirrored(all: readonly CityBallot[]): Promise<void> {
    const keys = await Mirrored.anchored(system)
    expect(keys.toSorted()).toEqual(all.map(Mirrored.keyOf).toSorted())
  }

  test('default', async () => {
    system = await System.onServers(servers, { design: 'anchored' })
    const all = system.ballots(0, 1500)
    await system.acknowledge(all)
    const relayer = await system.startRelayer(
      system.relayerConfig('relayer', { batchBallotsMax: 700 }),
    )
    await system.drained()
    await expectMirrored(all)
    expect(await system.batches()).toEqual({ final: 3 })
    expect(await relayer.kill('SIGTERM')).toBe(0)
  })

  test.each(['after-claim', 'after-sign', 'after-send', 'after-mark'])(
    'behavior: killed %s, each ballot is there once all the same',
    async (at) => {
      system = await System.onServers(servers, { design: 'anchored' })
      const all = system.ballots(0, 300)
      await system.acknowledge(all)
      const configFile = system.relayerConfig('relayer', { batchBallotsMax: 100, leaseMs: 500 })
      const doomed = await system.startRelayer(configFile, {
        main: 'test/helpers/crashingRelayer.ts',
        environment: { CRASH_AT: at },
      })
      expect(await doomed.exited()).toBe('SIGKILL')
      await system.startRelayer(configFile)
      await system.drained()
      await expectMirrored(all)
    },
  )

  test('behavior: what another instance has signed is left to it, for nothing guards against twice', async () => {
    system = await System.onServers(servers, { design: 'anchored' })
    await system.mining.stop()
    const all = system.ballots(0, 200)
    await system.acknowledge(all)
    const limits = { batchBallotsMax: 100, leaseMs: 500 }
    const first = await system.startRelayer(system.relayerConfig('relayer', limits))
    await inState('sent', 2)
    await first.kill()
    const other = await system.startRelayer(system.relayerConfig('relayer-2', limits))
    await until('at work', () => other.output().includes('at work from'))
    await new Promise((resolve) => setTimeout(resolve, 2000))
    expect(await system.batches()).toEqual({ sent: 2 })
    await other.kill()
    await system.rpc('evm_mine')
    await system.startRelayer(system.relayerConfig('relayer', limits))
    await system.drained()
    await expectMirrored(all)
  })

  test('behavior: a block that vanishes takes its batches along, and they come back once', async () => {
    system = await System.onServers(servers, { design: 'anchored' })
    const all = system.ballots(0, 200)
    await system.acknowledge(all)
    await system.mining.stop()
    const relayer = await system.startRelayer(
      system.relayerConfig('relayer', { finality: { kind: 'depth', depth: 3 } }),
    )
    await inState('sent', 1)
    await system.rpc('evm_mine')
    await inState('included', 1)
    await system.rpc('anvil_reorg', [1, []])
    await until('noticed', () => relayer.output().includes('vanished'))
    system.mining.start()
    await system.drained()
    await expectMirrored(all)
    expect(await system.batches()).toEqual({ final: 1 })
  })

  test('behavior: what the contract refuses is set aside, and all others are mirrored', async () => {
    system = await System.onServers(servers, { design: 'anchored' })
    const all = system.ballots(0, 60)
    await system.acknowledge(all)
    await acknowledgeStray(2)
    const relayer = await system.startRelayer(system.relayerConfig('relayer'))
    await system.drained()
    await expectMirrored(all)
    expect(relayer.output()).toContain('of 62 ballots was reverted whole')
    const { rows } = await system.pool.query(
      'select poll_id::int, skip_reason from ballots where skip_reason is not null',
    )
    expect(rows).toEqual([
      { poll_id: 2, skip_reason: 0 },
      { poll_id: 2, skip_reason: 0 },
    ])
  })
})
