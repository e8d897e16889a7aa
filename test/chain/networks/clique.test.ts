import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Wallet } from 'ethers'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Clique from '../../../chain/networks/clique.ts'
import type { Network } from '../../../chain/networks/Network.ts'
import * as Rpc from '../../../scenarios/runtime/Rpc.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'
import { tool } from '../../helpers/tool.ts'

/** Blocks come 1 s apart; the rest is for a machine that others use too. */
const TIMEOUT_MS = 180_000

let folder: string
let supervisor: Supervisor.Supervisor
let network: Network
let binary: string
const ends: Supervisor.UnexpectedExit[] = []
/** A network of one validator whose first start comes to a deadlock; it has time to notice. */
let second: { network: Promise<Network>; retries: string[]; stopAll(): Promise<void> }

beforeAll(async () => {
  binary = await tool('geth')
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-clique-'))
  second = startDeadlocking()
  supervisor = Supervisor.create({
    logFolder: join(folder, 'logs'),
    onUnexpectedExit: (end) => void ends.push(end),
  })
  const dataFolder = join(folder, 'data')
  network = await Clique.start({ supervisor, binary, dataFolder, seed: 'test' })
}, 20 * 60_000)

afterAll(async () => {
  await Promise.all([supervisor.stopAll(), second.stopAll()])
  rmSync(folder, { recursive: true, force: true })
})

/**
 * At the first start another validator stands in the genesis block and nowhere else: the one that
 * lives signs its block and must wait for the other, as in a real deadlock.
 */
function startDeadlocking(): typeof second {
  const program = join(folder, 'geth')
  const marker = join(folder, 'began')
  const ghost = `${'0'.repeat(39)}1`
  writeFileSync(
    program,
    `#!/bin/sh
case "$*" in
*" init "*) test -e ${marker} || sed -i 's/"extraData": "0x0\\{64\\}/&${ghost}/' "$4" ;;
*) touch ${marker} ;;
esac
exec ${binary} "$@"
`,
    { mode: 0o755 },
  )
  const own = Supervisor.create({ logFolder: join(folder, 'second/logs') })
  const retries: string[] = []
  const starting = Clique.start({
    supervisor: own,
    binary: program,
    dataFolder: join(folder, 'second/data'),
    seed: 'test',
    validatorCount: 1,
    onRetry: (reason) => void retries.push(reason),
  })
  starting.catch(() => undefined)
  return { network: starting, retries, stopAll: () => own.stopAll() }
}

async function height(url = network.observerUrl): Promise<number> {
  return Number(await Rpc.call(url, { method: 'eth_blockNumber' }, Rpc.Quantity))
}

/** Waits until the observer has so many more blocks. */
async function grow(blocks: number): Promise<void> {
  const from = await height()
  while ((await height()) < from + blocks) await sleep(50)
}

describe('start', () => {
  test('default', async () => {
    expect(network).toMatchObject({
      kind: 'clique',
      chainId: 8995,
      finality: { kind: 'depth', depth: 3 },
      isPriced: false,
      blockTimeMs: 1000,
      gasLimit: 60_000_000,
      parts: [
        ...['validator', 'validator-2', 'validator-3', 'validator-4'].map((name) => ({
          name,
          role: 'validator',
        })),
        { name: 'observer', role: 'observer' },
      ],
    })
    expect(network.clientVersion).toContain('Geth/v1.13.15')
    expect(new Set([...network.rpcUrls, network.observerUrl]).size).toBe(5)
    expect(await height()).toBeGreaterThanOrEqual(6)
    await grow(2)
  })

  test('behavior: every node serves metrics', async () => {
    for (const { target, path } of network.metricsTargets) {
      const text = await (await fetch(`http://${target}${path}`)).text()
      expect(text).toContain('p2p_peers')
    }
    expect(network.metricsTargets.length).toBe(5)
  })

  test('behavior: no voter can change peers or validators', async () => {
    for (const method of ['admin_addPeer', 'clique_propose', 'miner_stop', 'debug_setHead']) {
      const call = Rpc.call(network.rpcUrls[0] ?? '', { method }, Type.Unknown())
      await expect(call).rejects.toThrow(/does not exist/)
    }
  })

  test(
    'behavior: a pool takes many free transactions of one account, from any node',
    async () => {
      const wallet = new Wallet(`0x${'11'.repeat(32)}`)
      const to = wallet.address
      // Well above the pool’s usual 16 and 64 of an account.
      const count = 200
      for (let nonce = count - 1; nonce >= 0; nonce -= 1) {
        const fields = { type: 0, chainId: network.chainId, nonce, gasPrice: 0, to }
        const raw = await wallet.signTransaction({ ...fields, gasLimit: 21_000 })
        const call = { method: 'eth_sendRawTransaction', params: [raw] }
        // The last that is missing goes to the observer, which does not seal.
        const url = nonce === 0 ? network.observerUrl : (network.rpcUrls[0] ?? '')
        expect(await Rpc.call(url, call, Type.String())).toMatch(/^0x/)
      }
      const counted = { method: 'eth_getTransactionCount', params: [to, 'latest'] }
      while (Number(await Rpc.call(network.observerUrl, counted, Rpc.Quantity)) < count) {
        await sleep(100)
      }
    },
    TIMEOUT_MS,
  )

  test('error: all problems of the options at once, and nothing is started', async () => {
    const dataFolder = join(folder, 'none')
    const options = { supervisor, binary, dataFolder, seed: 'test' }
    await expect(
      Clique.start({ ...options, validatorCount: 0, blockTimeMs: 250, gasLimit: 1, chainId: 1 }),
    ).rejects.toMatchObject({ code: 'NETWORK_OPTIONS', problems: { length: 4 } })
    expect(existsSync(dataFolder)).toBe(false)
  })
})

describe('stop', () => {
  test('default', async () => {
    await network.stop()
    expect(supervisor.list().filter(({ isRunning }) => isRunning)).toEqual([])
    await expect(height()).rejects.toMatchObject({ code: 'RPC_CALL' })
    expect(ends).toEqual([])
  })
})

describe('start after a deadlock', () => {
  test(
    'behavior: a chain that stands still in its first blocks is started anew, and that is said',
    async () => {
      const { observerUrl, finality } = await second.network
      expect(second.retries).toEqual([
        expect.stringMatching(/^Start 1 of .* stood still for 20 s at the heights 1, /),
      ])
      expect(await height(observerUrl)).toBeGreaterThanOrEqual(2)
      expect(finality).toEqual({ kind: 'depth', depth: 1 })
    },
    TIMEOUT_MS,
  )
})

describe('finalityDepth', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [21, 11],
  ])('default: %i validators: %i blocks', (validators, depth) => {
    expect(Clique.finalityDepth(validators)).toBe(depth)
  })
})
