import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Transaction, Wallet } from 'ethers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import { NONE } from '../../helpers/exactlyOnce.ts'
import * as System from '../../helpers/system.ts'
import * as Servers from '../../helpers/systemServers.ts'
import { startCommand, until } from '../../helpers/systemChild.ts'
import * as City from '../../helpers/systemCity.ts'

let servers: Servers.Servers
let system: System.System
beforeAll(async () => {
  servers = await Servers.start('anvil')
}, 60_000)
afterAll(() => servers?.dispose(), 30_000)
afterEach(() => system.dispose(), 30_000)

async function mine(count = 1): Promise<void> {
  for (let mined = 0; mined < count; mined += 1) await system.rpc('evm_mine')
}

async function inState(state: string, count: number): Promise<void> {
  let seen: unknown
  await until(
    () => `${count} batches ${state}, but ${JSON.stringify(seen)}`,
    async () => {
      const batches = await system.batches()
      seen = batches
      return batches[state] === count
    },
  )
}

async function skipReasons(): Promise<(number | null)[]> {
  const { rows } = await system.pool.query<{ skip_reason: number | null }>(
    'select skip_reason from ballots order by sequence',
  )
  return rows.map((row) => row.skip_reason)
}

async function metric(url: string, line: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const found = text.split('\n').find((each) => each.startsWith(`${line} `))
  return Number(found?.slice(line.length) ?? Number.NaN)
}

describe('start', { timeout: 60_000 }, () => {
  test('default', async () => {
    system = await System.onServers(servers)
    const ballots = system.ballots(0, 1000)
    await system.acknowledge(ballots)
    const relayer = await system.startRelayer(system.relayerConfig('relayer'))
    await system.drained()
    expect(await system.violations(ballots)).toEqual(NONE)
    expect(await system.batches()).toEqual({ final: 3 })
    expect(await metric(relayer.url, 'ballotstorm_relayer_ballots_included_total')).toBe(1000)
    expect(await metric(relayer.url, 'ballotstorm_relayer_batches_total{state="final"}')).toBe(3)
    expect(await metric(relayer.url, 'ballotstorm_relayer_resends_total')).toBe(0)
    expect(await relayer.kill('SIGTERM')).toBe(0)
  })

  test('behavior: waits for a database and a node that are not there yet', async () => {
    system = await System.onServers(servers)
    const ballots = system.ballots(0, 10)
    await system.acknowledge(ballots)
    await system.postgres.crash()
    const dead = 'http://127.0.0.1:9'
    const relayer = await system.startRelayer(
      system.relayerConfig('relayer', { rpcUrls: [dead, ...system.rpcUrls] }),
    )
    await until('complains', () => relayer.output().includes('ECONNREFUSED'))
    await system.postgres.restart()
    await system.drained()
    expect(await system.violations(ballots)).toEqual(NONE)
    expect(relayer.isAlive()).toBe(true)
  })

  test('behavior: goes on when the database crashes under it', async () => {
    system = await System.onServers(servers)
    const ballots = system.ballots(0, 2000)
    const configFile = system.relayerConfig('relayer', { batchBallotsMax: 40 })
    const relayer = await system.startRelayer(configFile)
    await system.acknowledge(ballots)
    await until('under way', async () => ((await system.batches())['sent'] ?? 0) > 0)
    await system.postgres.crash()
    await system.postgres.restart()
    await system.drained()
    expect(await system.violations(ballots)).toEqual(NONE)
    expect(relayer.isAlive()).toBe(true)
  })

  test('behavior: two instances share the outbox', async () => {
    system = await System.onServers(servers)
    const ballots = system.ballots(0, 2000)
    const [one, two] = await Promise.all(
      ['relayer', 'relayer-2'].map((instance) =>
        system.startRelayer(system.relayerConfig(instance, { batchBallotsMax: 40 })),
      ),
    )
    for (const relayer of [one, two]) {
      await until('at work', () => relayer?.output().includes('at work from') === true)
    }
    await system.acknowledge(ballots)
    await system.drained()
    expect(await system.violations(ballots)).toEqual(NONE)
    for (const relayer of [one, two]) {
      const url = relayer?.url ?? ''
      expect(await metric(url, 'ballotstorm_relayer_ballots_included_total')).toBeGreaterThan(100)
      expect(
        await metric(url, 'ballotstorm_relayer_ballots_skipped_total{reason="already voted"}'),
      ).toBeNaN()
    }
  })

  test('behavior: a second process of an instance stands by until the first is gone', async () => {
    system = await System.onServers(servers)
    const configFile = system.relayerConfig('relayer')
    const first = await system.startRelayer(configFile)
    await until('at work', () => first.output().includes('at work from'))
    const second = await system.startRelayer(configFile)
    await until('stands by', () => second.output().includes('standing by'))
    const ballots = system.ballots(0, 100)
    await system.acknowledge(ballots.slice(0, 50))
    await system.drained()
    expect(second.output()).not.toContain('at work from')
    await first.kill()
    await system.acknowledge(ballots.slice(50))
    await system.drained()
    expect(second.output()).toContain('at work from')
    expect(await system.violations(ballots)).toEqual(NONE)
  })
})

describe('cast', { timeout: 60_000 }, () => {
  test('behavior: no more batches in flight than allowed', async () => {
    system = await System.onServers(servers)
    await system.mining.stop()
    await system.acknowledge(system.ballots(0, 500))
    await system.startRelayer(
      system.relayerConfig('relayer', { batchBallotsMax: 20, batchesInFlightMax: 5 }),
    )
    await inState('sent', 5)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(await system.batches()).toEqual({ sent: 5 })
    await mine()
    await until('more', async () => ((await system.batches())['final'] ?? 0) === 5)
  })

  test('behavior: keeps why the contract refused a ballot', async () => {
    system = await System.onServers(servers)
    const [good, forged, voted] = system.ballots(0, 3)
    if (good === undefined || forged === undefined || voted === undefined) throw new Error('none')
    forged.signature = good.signature
    await castDirectly(voted.voterIndex)
    await system.acknowledge([good, forged, voted])
    const relayer = await system.startRelayer(system.relayerConfig('relayer'))
    await system.drained()
    expect(await skipReasons()).toEqual([null, 6, 7])
    const skipped = 'ballotstorm_relayer_ballots_skipped_total'
    expect(await metric(relayer.url, `${skipped}{reason="not registered"}`)).toBe(1)
    expect(await metric(relayer.url, `${skipped}{reason="already voted"}`)).toBe(1)
  })

  test('behavior: a ballot that somebody else carried first counts, and is not said to be refused', async () => {
    system = await System.onServers(servers)
    const [carried, unpadded, signedTwice, free] = system.ballots(0, 4)
    if (carried === undefined || unpadded === undefined) throw new Error('none')
    if (signedTwice === undefined || free === undefined) throw new Error('none')
    const [other] = system.ballotsFor([{ ...signedTwice, choice: (signedTwice.choice + 1) % 3 }])
    if (other === undefined) throw new Error('none')
    // Twice in one batch: the second is skipped, and the first counts all the same.
    await carry(system.ballotBox, [carried, carried, other])
    await carry(system.ballotBox, [unpadded], { isPadded: false })
    await system.acknowledge([carried, unpadded, signedTwice, free])
    await system.startRelayer(system.relayerConfig('relayer'))
    await system.drained()
    expect(await skipReasons()).toEqual([null, null, 7, null])
    expect((await system.violations([carried, unpadded, free])).lost).toEqual([])
  })

  test('behavior: ballots of a poll that is not open yet are cast again', async () => {
    // A busy machine takes some of it until the relayer is at work.
    system = await System.onServers(servers, { opensIn: 12 })
    const ballots = system.ballots(0, 10)
    await system.acknowledge(ballots)
    const relayer = await system.startRelayer(system.relayerConfig('relayer'))
    await until('refused first', async () => {
      return (
        (await metric(
          relayer.url,
          'ballotstorm_relayer_ballots_skipped_total{reason="not open"}',
        )) > 0
      )
    })
    await until('counted', async () => (await system.violations(ballots)).lost.length === 0)
    await system.drained()
    expect(await system.violations(ballots)).toEqual(NONE)
  })

  test('behavior: a batch reverted whole is tried again in halves', async () => {
    system = await System.onServers(servers)
    const code = await system.rpc('eth_getCode', [system.ballotBox, 'latest'])
    await system.rpc('anvil_setCode', [system.ballotBox, '0x60006000fd'])
    const ballots = system.ballots(0, 64)
    await system.acknowledge(ballots)
    const relayer = await system.startRelayer(system.relayerConfig('relayer'))
    await until('reverted', () => relayer.output().includes('of 64 ballots was reverted whole'))
    await system.rpc('anvil_setCode', [system.ballotBox, code])
    await system.drained()
    expect(await system.violations(ballots)).toEqual(NONE)
    expect(await skipReasons()).toEqual(ballots.map(() => null))
  })

  test('behavior: a single ballot that is reverted is set aside', async () => {
    system = await System.onServers(servers)
    await system.rpc('anvil_setCode', [system.ballotBox, '0x60006000fd'])
    const ballots = system.ballots(0, 6)
    await system.acknowledge(ballots)
    await system.startRelayer(system.relayerConfig('relayer'))
    await until('set aside', async () => (await skipReasons()).every((reason) => reason === 0))
    await system.drained()
    const { final = 0 } = await system.batches()
    expect(final).toBeLessThanOrEqual(1 + 2 + 3 + 6)
  })
})

describe('resend', { timeout: 60_000 }, () => {
  test('behavior: what a pool has lost is sent again, verbatim', async () => {
    system = await System.onServers(servers)
    await system.mining.stop()
    const ballots = system.ballots(0, 200)
    await system.acknowledge(ballots)
    const relayer = await system.startRelayer(
      system.relayerConfig('relayer', { batchBallotsMax: 50 }),
    )
    await inState('sent', 4)
    const { rows: before } = await system.pool.query('select transaction_hash from batches')
    await system.rpc('anvil_dropAllTransactions')
    expect(await system.pooledCount()).toBe(0)
    await until('sent again', async () => (await system.pooledCount()) === 4)
    await mine()
    await system.drained()
    const { rows: after } = await system.pool.query('select transaction_hash from batches')
    expect(after).toEqual(before)
    expect(await metric(relayer.url, 'ballotstorm_relayer_resends_total')).toBe(4)
    expect(await system.violations(ballots)).toEqual(NONE)
  })

  test('behavior: an account that opened polls after the relayer began costs it no batch', async () => {
    system = await System.onServers(servers)
    const ballots = system.ballots(0, 20)
    const relayer = await system.startRelayer(system.relayerConfig('relayer'))
    await until('at work', () => relayer.output().includes('at work from block'))
    await sendAs('relayer', { nonce: 0 })
    await sendAs('relayer', { nonce: 1 })
    await until('mined', async () => (await system.pooledCount()) === 0)
    await system.acknowledge(ballots)
    await system.drained()
    expect(relayer.output()).not.toContain('another transaction took nonce')
    expect(await system.batches()).toEqual({ final: 1 })
    expect(await system.violations(ballots)).toEqual(NONE)
  })

  test('behavior: ballots are cast anew where another transaction took the nonce', async () => {
    system = await System.onServers(servers)
    await system.mining.stop()
    const ballots = system.ballots(0, 20)
    await system.acknowledge(ballots)
    const relayer = await system.startRelayer(system.relayerConfig('relayer'))
    await inState('sent', 1)
    await system.rpc('anvil_dropAllTransactions')
    await sendAs('relayer', { nonce: 0 })
    await mine()
    await until('noticed', () => relayer.output().includes('another transaction took nonce 0'))
    system.mining.start()
    await system.drained()
    expect(await system.violations(ballots)).toEqual(NONE)
  })
})

describe('releaseDead', { timeout: 60_000 }, () => {
  test('default', async () => {
    system = await System.onServers(servers)
    await system.mining.stop()
    const ballots = system.ballots(0, 300)
    await system.acknowledge(ballots)
    const limits = { batchBallotsMax: 50, leaseMs: 1000 }
    const firstConfig = system.relayerConfig('relayer', limits)
    const first = await system.startRelayer(firstConfig)
    await inState('sent', 6)
    await first.kill()
    const second = await system.startRelayer(system.relayerConfig('relayer-2', limits))
    await inState('released', 6)
    await inState('sent', 6)
    expect(await system.batches()).toEqual({ released: 6, sent: 6 })
    expect(second.output()).toMatch(/took over \d batches/)

    // Both transactions of each ballot are in the pool; both land.
    await mine()
    await system.drained()
    expect(await skipReasons()).toEqual(ballots.map(() => null))
    expect(await system.violations(ballots)).toEqual(NONE)

    // The first comes back: its old nonces are used, new ones follow.
    const more = system.ballots(300, 10)
    await second.kill()
    await system.acknowledge(more)
    await system.startRelayer(firstConfig)
    await inState('sent', 1)
    await mine()
    await system.drained()
    expect(await system.violations([...ballots, ...more])).toEqual(NONE)
  })

  test('behavior: who comes back fills the nonces of released transactions', async () => {
    system = await System.onServers(servers)
    await system.mining.stop()
    const ballots = system.ballots(0, 100)
    await system.acknowledge(ballots)
    const limits = { batchBallotsMax: 50, leaseMs: 1000 }
    const firstConfig = system.relayerConfig('relayer', limits)
    const first = await system.startRelayer(firstConfig)
    await inState('sent', 2)
    await first.kill()
    await system.rpc('anvil_dropAllTransactions')
    const second = await system.startRelayer(system.relayerConfig('relayer-2', limits))
    await inState('released', 2)
    await inState('sent', 2)
    await mine()
    await system.drained()
    await second.kill()
    const more = system.ballots(100, 10)
    await system.acknowledge(more)
    await system.startRelayer(firstConfig)
    await until('gap filled', async () => (await system.pooledCount()) === 3)
    await mine()
    await system.drained()
    expect(await system.violations([...ballots, ...more])).toEqual(NONE)
  })

  test('behavior: a living instance keeps its batches', async () => {
    system = await System.onServers(servers)
    await system.mining.stop()
    await system.acknowledge(system.ballots(0, 50))
    await system.startRelayer(system.relayerConfig('relayer', { leaseMs: 1000 }))
    await inState('sent', 1)
    await system.startRelayer(system.relayerConfig('relayer-2', { leaseMs: 1000 }))
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(await system.batches()).toEqual({ sent: 1 })
  })
})

describe('read', { timeout: 60_000 }, () => {
  test('error: all problems of a configuration at once, exit code 104', async () => {
    system = await System.onServers(servers)
    const file = join(system.folder, 'bad.json')
    writeFileSync(file, JSON.stringify({ instance: '', port: -1, keyFile: 'none' }))
    const relayer = startCommand(process.execPath, ['chain/relayer/main.ts', file])
    expect(await relayer.exited()).toBe(104)
    for (const problem of ['/instance', '/port', 'rpcUrls', 'finality']) {
      expect(relayer.output()).toContain(problem)
    }
    expect(relayer.output()).not.toMatch(/^\s+at /m)
  })
})

/** A transaction of a relayer's account that its journal knows nothing of. */
async function sendAs(instance: string, fields: { nonce: number }): Promise<void> {
  const key = system.key(instance)
  const wallet = new Wallet(`0x${key.toString('hex')}`)
  const raw = await wallet.signTransaction({
    type: 0,
    chainId: system.chainId,
    gasPrice: 0,
    gasLimit: 21_000,
    to: wallet.address,
    ...fields,
  })
  await system.rpc('eth_sendRawTransaction', [raw])
}

/** A voter's own transaction, with the choice that the ballots of the city do not have. */
let strangers = 0

/** Somebody hands ballots to the box whose signatures everybody can read. */
async function carry(
  to: string,
  ballots: readonly City.CityBallot[],
  { isPadded = true } = {},
): Promise<void> {
  strangers += 1
  const wallet = new Wallet(`0x${'5'.repeat(62)}${String(strangers).padStart(2, '0')}`)
  const packed = Batch.encode(ballots)
  const whole = Contract.ballotBox.encodeFunctionData('castBatch', [packed])
  const data = isPadded ? whole : whole.slice(0, 2 + 2 * (4 + 64 + packed.length))
  const fields = { type: 0, nonce: 0, gasPrice: 0, gasLimit: 1_000_000 }
  const raw = await wallet.signTransaction({ ...fields, chainId: system.chainId, to, data })
  const hash = await system.rpc('eth_sendRawTransaction', [raw])
  await until('mined', async () => (await system.rpc('eth_getTransactionReceipt', [hash])) !== null)
}

async function castDirectly(voterIndex: number): Promise<void> {
  const key = Electorate.privateKey(City.SEED, voterIndex)
  const { pollId, pollDigest } = system.poll
  const transaction = Transaction.from({
    type: 0,
    chainId: system.chainId,
    nonce: 0,
    gasPrice: 0,
    gasLimit: 500_000,
    to: system.ballotBox,
    data: Contract.ballotBox.encodeFunctionData('cast', [pollId, pollDigest, voterIndex, 1]),
  })
  const raw = await new Wallet(`0x${key.toString('hex')}`).signTransaction(transaction)
  const hash = await system.rpc('eth_sendRawTransaction', [raw])
  await until('mined', async () => (await system.rpc('eth_getTransactionReceipt', [hash])) !== null)
}
