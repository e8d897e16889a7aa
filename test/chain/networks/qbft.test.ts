import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Wallet } from 'ethers'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Network } from '../../../chain/networks/Network.ts'
import * as Qbft from '../../../chain/networks/qbft.ts'
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

beforeAll(async () => {
  binary = await tool('goquorum')
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-qbft-'))
  supervisor = Supervisor.create({
    logFolder: join(folder, 'logs'),
    onUnexpectedExit: (end) => void ends.push(end),
  })
  network = await Qbft.start({ supervisor, binary, dataFolder: join(folder, 'data'), seed: 'test' })
}, TIMEOUT_MS)

afterAll(async () => {
  await supervisor.stopAll()
  rmSync(folder, { recursive: true, force: true })
})

const wallet = new Wallet(`0x${'11'.repeat(32)}`)
let nonce = 0

/** Sends a free transaction to a node and gives the block that holds it at the observer. */
async function send(url: string): Promise<number> {
  const raw = await wallet.signTransaction({
    type: 0,
    chainId: network.chainId,
    nonce: nonce++,
    gasPrice: 0,
    gasLimit: 21_000,
    to: wallet.address,
  })
  const call = { method: 'eth_sendRawTransaction', params: [raw] }
  const hash = await Rpc.call(url, call, Type.String())
  const schema = Type.Union([Type.Null(), Type.Object({ blockNumber: Rpc.Quantity })])
  for (;;) {
    const params = [hash]
    const receipt = await Rpc.call(
      network.observerUrl,
      { method: 'eth_getTransactionReceipt', params },
      schema,
    )
    if (receipt !== null) return Number(receipt.blockNumber)
    await sleep(50)
  }
}

async function height(): Promise<number> {
  return Number(await Rpc.call(network.observerUrl, { method: 'eth_blockNumber' }, Rpc.Quantity))
}

async function blockAt(number: number): Promise<{ timestamp: string; miner: string }> {
  const params = [`0x${number.toString(16)}`, false]
  const call = { method: 'eth_getBlockByNumber', params }
  return Rpc.call(network.observerUrl, call, Rpc.Block)
}

describe('start', () => {
  test('default', async () => {
    expect(network).toMatchObject({
      kind: 'qbft',
      chainId: 8995,
      finality: { kind: 'instant' },
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
    expect(network.clientVersion).toContain('quorum-v22.7.4')
    expect(new Set([...network.rpcUrls, network.observerUrl]).size).toBe(5)
    const proposers = new Set<string>()
    for (let number = 1; number <= (await height()); number += 1) {
      proposers.add((await blockAt(number)).miner.toLowerCase())
    }
    expect(proposers.size).toBeGreaterThanOrEqual(3)
    const validators = (network.validators ?? []).map((address) => address.toLowerCase())
    for (const proposer of proposers) expect(validators).toContain(proposer)
  })

  test('behavior: every node serves metrics', async () => {
    for (const { target, path } of network.metricsTargets) {
      const text = await (await fetch(`http://${target}${path}`)).text()
      expect(text).toContain('p2p_peers')
    }
    expect(network.metricsTargets.length).toBe(5)
  })

  test('behavior: no voter can change peers or validators', async () => {
    for (const method of ['admin_addPeer', 'istanbul_propose', 'miner_stop', 'debug_setHead']) {
      const call = Rpc.call(network.rpcUrls[0] ?? '', { method }, Type.Unknown())
      await expect(call).rejects.toThrow(/does not exist/)
    }
  })

  test(
    'behavior: blocks under load come one block time apart, and free transactions count',
    async () => {
      const from = await height()
      const sent: Promise<number>[] = []
      for (let index = 0; index < 60; index += 1) {
        sent.push(send(network.rpcUrls[0] ?? ''))
        await sleep(100)
      }
      const last = Math.max(...(await Promise.all(sent)))
      const first = Math.min(...(await Promise.all(sent)))
      const spanS =
        Number((await blockAt(last)).timestamp) - Number((await blockAt(first)).timestamp)
      expect(first).toBeGreaterThan(from)
      expect(spanS / (last - first)).toBeGreaterThanOrEqual(1)
      expect(spanS / (last - first)).toBeLessThan(3)
    },
    TIMEOUT_MS,
  )

  test(
    'behavior: two dead validators of four: stands still; one is back: goes on',
    async () => {
      for (const name of ['validator-4', 'validator-3']) {
        supervisor.kill(name, 'SIGKILL')
        await supervisor.exit(name)
      }
      // What was under way may still come.
      await sleep(1500)
      const stopped = await height()
      const waiting = send(network.rpcUrls[0] ?? '')
      await sleep(3000)
      expect(await height()).toBe(stopped)
      await supervisor.restart('validator-3')
      expect(await waiting).toBeGreaterThan(stopped)
      expect(ends).toEqual([])
    },
    TIMEOUT_MS,
  )

  test('error: all problems of the options at once, and nothing is started', async () => {
    const dataFolder = join(folder, 'none')
    const options = { supervisor, binary, dataFolder, seed: 'test' }
    await expect(
      Qbft.start({ ...options, validatorCount: 0, blockTimeMs: 250, gasLimit: 1, chainId: 1 }),
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
