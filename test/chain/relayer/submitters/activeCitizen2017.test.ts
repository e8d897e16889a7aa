import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Wallet } from 'ethers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import * as ActiveCitizen2017 from '../../../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Address from '../../../../scenarios/ballots/Address.ts'
import * as Grudging from '../../../helpers/grudgingNode.ts'
import * as Mirrored from '../../../helpers/mirrored.ts'
import * as System from '../../../helpers/system.ts'
import * as Servers from '../../../helpers/systemServers.ts'
import { until } from '../../../helpers/systemChild.ts'
import type * as City from '../../../helpers/systemCity.ts'

/** As the chain of 2017 had it. */
const GAS_LIMIT = 6_000_000
const OPTIONS = { design: 'active-citizen-2017', gasLimit: GAS_LIMIT } as const

describe('start', { timeout: 90_000 }, () => {
  let servers: Servers.Servers
  let system: System.System
  beforeAll(async () => {
    servers = await Servers.start('anvil', OPTIONS)
  }, 60_000)
  afterAll(() => servers?.dispose(), 30_000)
  afterEach(() => system.dispose(), 30_000)

  async function expectMirrored(all: readonly City.CityBallot[]): Promise<void> {
    expect(await Mirrored.votes2017(system, all)).toEqual(all.map(Mirrored.keyOf))
    expect(await voterCount()).toBe(all.length)
  }

  async function voterCount(): Promise<number> {
    const data = ActiveCitizen2017.question.encodeFunctionData('VoterCount')
    const call = { to: Mirrored.questionOf(system), data }
    return Number(await system.rpc('eth_call', [call, 'latest']))
  }

  async function skipReasons(): Promise<(number | null)[]> {
    const { rows } = await system.pool.query<{ skip_reason: number | null }>(
      'select skip_reason from ballots order by sequence',
    )
    return rows.map((row) => row.skip_reason)
  }

  /** The owner votes for somebody behind the relayer's back. */
  async function voteAsOwner(ballot: City.CityBallot, choice: number): Promise<void> {
    const wallet = new Wallet(`0x${system.key('deployer').toString('hex')}`)
    const [question] =
      system.submitter.kind === 'active-citizen-2017' ? system.submitter.questions : []
    const userKey = ActiveCitizen2017.userKey(ballot.voterIndex, Address.toHex(ballot.voter))
    const values = [question?.version, userKey, [choice], '', '']
    const raw = await wallet.signTransaction({
      type: 0,
      chainId: system.chainId,
      gasPrice: 0,
      gasLimit: 400_000,
      nonce: Number(await system.rpc('eth_getTransactionCount', [wallet.address, 'latest'])),
      to: question?.address ?? '',
      data: ActiveCitizen2017.question.encodeFunctionData('vote', values),
    })
    const before = await voterCount()
    await system.rpc('eth_sendRawTransaction', [raw])
    await until('counted', async () => (await voterCount()) === before + 1)
  }

  test('default', async () => {
    system = await System.onServers(servers, OPTIONS)
    const all = system.ballots(0, 260)
    await system.acknowledge(all)
    const relayer = await system.startRelayer(system.relayerConfig('relayer'))
    await system.drained(60_000)
    await expectMirrored(all)
    expect(await system.batches()).toEqual({ final: 260 })
    expect(await relayer.kill('SIGTERM')).toBe(0)
  })

  test('behavior: at least three full blocks are under way', async () => {
    system = await System.onServers(servers, OPTIONS)
    await system.mining.stop()
    await system.acknowledge(system.ballots(0, 260))
    await system.startRelayer(system.relayerConfig('relayer'))
    let sent = 0
    await until('sent', async () => {
      const before = sent
      sent = (await system.batches())['sent'] ?? 0
      return sent > 0 && sent === before
    })
    for (let mined = 0; mined < 4; mined += 1) await system.rpc('evm_mine')
    const question = Mirrored.questionOf(system)
    const blocks = (await Mirrored.blocks(system)).filter(({ transactions }) =>
      transactions.some(({ to }) => to === question),
    )
    for (const { gasUsed, transactions } of blocks.slice(0, 3)) {
      const votesMax = Math.floor(GAS_LIMIT / (Number(gasUsed) / transactions.length))
      expect(transactions.length).toBeGreaterThanOrEqual(0.95 * votesMax)
    }
  })

  test.each(['after-sign', 'after-send', 'after-mark'])(
    'behavior: killed %s, each vote counts once all the same',
    async (at) => {
      system = await System.onServers(servers, OPTIONS)
      const all = system.ballots(0, 40)
      await system.acknowledge(all)
      const configFile = system.relayerConfig('relayer')
      const doomed = await system.startRelayer(configFile, {
        main: 'test/helpers/crashingRelayer.ts',
        environment: { CRASH_AT: at },
      })
      expect(await doomed.exited()).toBe('SIGKILL')
      await system.startRelayer(configFile)
      await system.drained()
      await expectMirrored(all)
      expect(await skipReasons()).toEqual(all.map(() => null))
    },
  )

  test('behavior: a vote is judged by the state of its voter, never by its receipt', async () => {
    system = await System.onServers(servers, OPTIONS)
    const [same, other, fresh] = system.ballots(0, 3)
    if (same === undefined || other === undefined || fresh === undefined) throw new Error('none')
    await voteAsOwner(same, same.choice)
    await voteAsOwner(other, (other.choice + 1) % 3)
    await system.acknowledge([same, other, fresh])
    await system.startRelayer(system.relayerConfig('relayer'))
    await system.drained()
    // All three transactions say status 1.
    expect(await skipReasons()).toEqual([null, 7, null])
    expect(await voterCount()).toBe(3)
  })

  test('behavior: votes by another account than the owner are set aside, not counted', async () => {
    system = await System.onServers(servers, OPTIONS)
    await system.acknowledge(system.ballots(0, 5))
    const keyFile = join(system.folder, 'stranger.key')
    writeFileSync(keyFile, system.key('stranger').toString('hex'))
    const configFile = system.relayerConfig('relayer', { keyFile })
    await system.startRelayer(configFile)
    await system.drained()
    expect(await skipReasons()).toEqual([0, 0, 0, 0, 0])
    expect(await voterCount()).toBe(0)
  })

  test('behavior: goes on where a pool takes only few of an account', async () => {
    system = await System.onServers(servers, OPTIONS)
    const all = system.ballots(0, 60)
    await system.acknowledge(all)
    const node = await Grudging.start(system.rpcUrls[0] ?? '', 16)
    try {
      await system.mining.stop()
      await system.startRelayer(system.relayerConfig('relayer', { rpcUrls: [node.url] }))
      await until('the pool is full', () => node.refused() > 0)
      expect(await voterCount()).toBe(0)
      system.mining.start()
      await system.drained(60_000)
      await expectMirrored(all)
    } finally {
      await node.close()
    }
  })
})
