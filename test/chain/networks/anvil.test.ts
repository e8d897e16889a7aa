import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Wallet } from 'ethers'
import { Type } from 'typebox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Anvil from '../../../chain/networks/anvil.ts'
import * as Rpc from '../../../scenarios/runtime/Rpc.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'

let folder: string
let supervisor: Supervisor.Supervisor

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-anvil-'))
  supervisor = Supervisor.create({ logFolder: folder })
})

afterEach(async () => {
  await supervisor.stopAll()
  rmSync(folder, { recursive: true, force: true })
})

async function block(url: string, tag: string): Promise<{ number: string; hash: string }> {
  return Rpc.call(url, { method: 'eth_getBlockByNumber', params: [tag, false] }, Rpc.Block)
}

describe('start', () => {
  test('default', async () => {
    const network = await Anvil.start({ supervisor, blockTimeMs: 500, gasLimit: 30_000_000 })
    expect(network).toMatchObject({
      kind: 'anvil',
      chainId: 8995,
      finality: { kind: 'instant' },
      isPriced: false,
      gasLimit: 30_000_000,
      parts: [{ name: 'validator', role: 'validator' }],
    })
    const before = Number((await block(network.observerUrl, 'latest')).number)
    await sleep(1600)
    expect(Number((await block(network.observerUrl, 'latest')).number)).toBeGreaterThan(before + 1)
    const price = await Rpc.call(network.observerUrl, { method: 'eth_gasPrice' }, Rpc.Quantity)
    expect(Number(price)).toBe(0)
    await network.stop()
    expect(supervisor.list()).toMatchObject([{ isRunning: false }])
  })

  test('behavior: blocks can be made to vanish', async () => {
    const finality = { kind: 'depth', depth: 3 } as const
    const { observerUrl: url, ...network } = await Anvil.start({
      supervisor,
      blockTimeMs: 100,
      finality,
    })
    expect(network.finality).toEqual(finality)
    await sleep(1000)
    const wallet = new Wallet(`0x${'11'.repeat(32)}`)
    const fields = { type: 0, chainId: 8995, nonce: 0, gasPrice: 0, gasLimit: 21_000 }
    const raw = await wallet.signTransaction({ ...fields, to: wallet.address })
    const params = [
      await Rpc.call(url, { method: 'eth_sendRawTransaction', params: [raw] }, Type.String()),
    ]
    await sleep(500)
    const receipt = { method: 'eth_getTransactionReceipt', params }
    const schema = Type.Object({ blockHash: Type.String(), blockNumber: Rpc.Quantity })
    const { blockHash, blockNumber } = await Rpc.call(url, receipt, schema)
    await Rpc.call(url, { method: 'anvil_reorg', params: [8, []] }, Type.Null())
    expect(await Rpc.call(url, receipt, Type.Unknown())).toBeNull()
    expect((await block(url, blockNumber)).hash).not.toBe(blockHash)
  })

  test('behavior: a kill hits the node itself, and it comes back on the same port', async () => {
    const { observerUrl: url, parts } = await Anvil.start({ supervisor })
    await parts[0]?.kill()
    await expect(block(url, '0x0')).rejects.toMatchObject({ code: 'RPC_CALL' })
    await parts[0]?.restart()
    expect(Number((await block(url, '0x0')).number)).toBe(0)
  })
})
