import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Child } from '../../helpers/systemChild.ts'
import { NONE } from '../../helpers/exactlyOnce.ts'
import * as System from '../../helpers/system.ts'
import * as Servers from '../../helpers/systemServers.ts'
import { until } from '../../helpers/systemChild.ts'
import type { CityBallot } from '../../helpers/systemCity.ts'

/** Blocks that must stand on a block before it counts as final. */
const DEPTH = 3

let servers: Servers.Servers
let system: System.System
let relayer: Child
let ballots: CityBallot[]
let configFile: string

beforeAll(async () => {
  servers = await Servers.start('anvil')
}, 60_000)
afterAll(() => servers?.dispose(), 30_000)
beforeEach(async () => {
  system = await System.onServers(servers)
  await system.mining.stop()
  ballots = system.ballots(0, 100)
  await system.acknowledge(ballots)
  configFile = system.relayerConfig('relayer', {
    batchBallotsMax: 50,
    finality: { kind: 'depth', depth: DEPTH },
  })
  relayer = await system.startRelayer(configFile)
  await allIn('sent')
}, 60_000)
afterEach(() => system.dispose(), 30_000)

async function mine(count = 1): Promise<void> {
  for (let mined = 0; mined < count; mined += 1) await system.rpc('evm_mine')
}

/** Waits until both batches are in a state. */
async function allIn(state: string): Promise<void> {
  let seen: unknown
  await until(
    () => `2 batches ${state}, but ${JSON.stringify(seen)}\n${relayer.output()}`,
    async () => {
      const batches = await system.batches()
      seen = batches
      return batches[state] === 2
    },
  )
}

type Row = { raw: Buffer; hash: Buffer; block_number: string | null; block_hash: Buffer | null }

async function rows(): Promise<Row[]> {
  const answer = await system.pool.query<Row>(
    'select raw_transaction as raw, transaction_hash as hash, block_number, block_hash from batches order by nonce',
  )
  return answer.rows
}

async function rawTransactions(): Promise<string[]> {
  return (await rows()).map(({ raw }) => `0x${raw.toString('hex')}`)
}

async function seesReorganisation(): Promise<void> {
  await until('notices', () => /blocks vanished, and [12] of our batches/.test(relayer.output()))
}

describe('watch', { timeout: 60_000 }, () => {
  test('default', async () => {
    await mine()
    await allIn('included')
    await mine(DEPTH - 1)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await system.batches()).toEqual({ included: 2 })
    await mine()
    await allIn('final')
    expect(await system.violations(ballots)).toEqual(NONE)
  })

  test('behavior: dropped by a reorganisation, sent again verbatim', async () => {
    const before = await rawTransactions()
    await mine(2)
    await allIn('included')
    await system.rpc('anvil_reorg', [2, []])
    await seesReorganisation()
    await until('back in the pool', async () => (await system.pooledCount()) === 2)
    await allIn('sent')
    expect(await rawTransactions()).toEqual(before)
    await mine(1 + DEPTH)
    await allIn('final')
    expect(await system.violations(ballots)).toEqual(NONE)
  })

  test('behavior: one of two dropped', async () => {
    const [first = ''] = await rawTransactions()
    await mine()
    await allIn('included')
    await system.rpc('anvil_reorg', [1, [[first, 0]]])
    await seesReorganisation()
    await until('back in the pool', async () => (await system.pooledCount()) === 1)
    await mine(1 + DEPTH)
    await allIn('final')
    expect(await system.violations(ballots)).toEqual(NONE)
  })

  test('behavior: included again in another block of the same height', async () => {
    // anvil's new block is a second younger than its parent: the old one must not be, or the very
    // same block would come again, and nothing change.
    await new Promise((resolve) => setTimeout(resolve, 2100))
    await mine()
    await allIn('included')
    const before = await rows()
    const pairs = (await rawTransactions()).map((raw) => [raw, 0])
    await system.rpc('anvil_reorg', [1, pairs])
    await seesReorganisation()
    await allIn('included')
    const after = await rows()
    expect(after[0]?.block_number).toBe(before[0]?.block_number)
    expect(after[0]?.block_hash).not.toEqual(before[0]?.block_hash)
    await mine(DEPTH)
    await allIn('final')
    expect(await system.violations(ballots)).toEqual(NONE)
  })

  test('behavior: included elsewhere', async () => {
    await mine(3)
    await allIn('included')
    const before = await rows()
    const pairs = (await rawTransactions()).map((raw, index) => [raw, index + 1])
    await system.rpc('anvil_reorg', [3, pairs])
    await seesReorganisation()
    await allIn('included')
    const after = await rows()
    expect(after.map((row) => Number(row.block_number))).toEqual(
      before.map((row, index) => Number(row.block_number) + index + 1),
    )
    await mine(DEPTH)
    await allIn('final')
    expect(await system.violations(ballots)).toEqual(NONE)
  })

  test('behavior: the chain grows shorter before it grows again', async () => {
    await mine(2)
    await allIn('included')
    await system.rpc('anvil_rollback', [2])
    await new Promise((resolve) => setTimeout(resolve, 300))
    await mine(2)
    await seesReorganisation()
    await until('sent again or included', async () => {
      const { included = 0 } = await system.batches()
      return included === 2 || (await system.pooledCount()) === 2
    })
    await mine(1 + DEPTH)
    await allIn('final')
    expect(await system.violations(ballots)).toEqual(NONE)
  })

  test('behavior: a reorganisation while the relayer was dead', async () => {
    await mine(2)
    await allIn('included')
    await relayer.kill()
    await system.rpc('anvil_reorg', [2, []])
    relayer = await system.startRelayer(configFile)
    await until('back in the pool', async () => (await system.pooledCount()) === 2)
    await mine(1 + DEPTH)
    await allIn('final')
    expect(await system.violations(ballots)).toEqual(NONE)
  })

  test('behavior: what was final and vanished is sent again all the same', async () => {
    await mine(1 + DEPTH)
    await allIn('final')
    await system.rpc('anvil_reorg', [1 + DEPTH, []])
    await seesReorganisation()
    await until('back in the pool', async () => (await system.pooledCount()) === 2)
    await mine(1 + DEPTH)
    await allIn('final')
    expect(await system.violations(ballots)).toEqual(NONE)
  })
})

describe('finalise', { timeout: 60_000 }, () => {
  test('behavior: not final without a majority of the nodes', async () => {
    await relayer.kill()
    const dead = 'http://127.0.0.1:9'
    const finality = { kind: 'depth', depth: DEPTH } as const
    const alone = { finality, batchBallotsMax: 50, rpcUrls: [...system.rpcUrls, dead] }
    relayer = await system.startRelayer(system.relayerConfig('relayer', alone))
    await mine(2 + DEPTH)
    await allIn('included')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(await system.batches()).toEqual({ included: 2 })
    await relayer.kill()
    const agreeing = {
      finality,
      batchBallotsMax: 50,
      rpcUrls: [...system.rpcUrls, ...system.rpcUrls, dead],
    }
    relayer = await system.startRelayer(system.relayerConfig('relayer', agreeing))
    await allIn('final')
  })

  test('behavior: by the node’s own tag', async () => {
    await relayer.kill()
    const tagged = { finality: { kind: 'tag' }, batchBallotsMax: 50 } as const
    relayer = await system.startRelayer(system.relayerConfig('relayer', tagged))
    await mine()
    await allIn('included')
    // anvil's tag follows 64 blocks behind.
    await mine(40)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await system.batches()).toEqual({ included: 2 })
    await mine(40)
    await allIn('final')
  })
})
