import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Reader from '../../../chain/contracts/Reader.ts'
import * as Sender from '../../../chain/contracts/Sender.ts'
import { freePort } from '../../../chain/processes/freePort.ts'
import * as Ground from './Ground.ts'

/** Code that creates a contract of one byte (STOP), and code that reverts. */
const CREATES = '0x60016000f3'
const REVERTS = '0x60006000fd'
const WithTransactions = Type.Object({ transactions: Type.Array(Type.String()) })

let ground: Ground.Ground
beforeAll(async () => {
  ground = await Ground.start()
}, Ground.START_TIMEOUT_MS)
afterAll(() => ground.close())

describe('send', () => {
  test('default', async () => {
    const deployer = ground.deployer()
    const sender = await Sender.create(deployer)
    expect(sender.chainId).toBe(8995)
    for (let step = 0; step < 30; step += 1) {
      await sender.send({ name: 'create', data: CREATES, gasLimit: 100_000 })
    }
    await sender.settle()
    expect(sender.nonce()).toBe(30)
    expect(sender.gasUsed()).toBeGreaterThan(30 * 53_000)
    const last = Sender.createdAddress(deployer.key, 29)
    expect(await Reader.code(deployer, last)).toBe('0x00')
    expect((await Sender.create(deployer)).nonce()).toBe(30)
  })

  test('behavior: gives no more gas than a block holds', async () => {
    const deployer = ground.deployer()
    const sender = await Sender.create(deployer)
    await sender.send({ name: 'create', data: CREATES, gasLimit: 60_000_000 })
    await sender.settle()
    expect(await Reader.code(deployer, Sender.createdAddress(deployer.key, 0))).toBe('0x00')
  })

  test('behavior: is settled when it can no longer vanish', async () => {
    const deployer = { ...ground.deployer(), finality: { kind: 'depth', depth: 3 } as const }
    const sender = await Sender.create(deployer)
    const before = await Reader.height(deployer)
    await sender.send({ name: 'create', data: CREATES, gasLimit: 100_000 })
    await sender.settle()
    expect(await Reader.height(deployer)).toBeGreaterThanOrEqual(before + 1 + 3)
  })

  test('behavior: a step whose block vanished is awaited anew', async () => {
    const deployer = { ...ground.deployer(), finality: { kind: 'depth', depth: 3 } as const }
    const rpc = (method: string, ...params: unknown[]): Promise<unknown> =>
      Reader.ask(deployer, { method, params }, Type.Unknown())
    const created = Sender.createdAddress(deployer.key, 0)
    await rpc('evm_setIntervalMining', 0)
    const sender = await Sender.create(deployer)
    await sender.send({ name: 'create', data: CREATES, gasLimit: 100_000 })
    await rpc('evm_mine')
    const call = { method: 'eth_getBlockByNumber', params: ['latest', false] }
    const [hash] = (await Reader.ask(deployer, call, WithTransactions)).transactions
    const raw = await rpc('eth_getRawTransactionByHash', hash)
    let isSettled = false
    const settled = sender.settle().then(() => (isSettled = true))
    await rpc('evm_mine')
    expect(await Reader.code(deployer, created)).toBe('0x00')
    await rpc('anvil_reorg', 2, [])
    for (let block = 0; block < 4; block += 1) await rpc('evm_mine')
    expect(await Reader.code(deployer, created)).toBe('0x')
    await sleep(300)
    expect(isSettled).toBe(false)
    await rpc('eth_sendRawTransaction', raw)
    for (let block = 0; block < 4; block += 1) await rpc('evm_mine')
    await settled
    expect(await Reader.code(deployer, created)).toBe('0x00')
    await rpc('evm_setIntervalMining', 1)
  })

  test('error: the chain refuses a step', async () => {
    const sender = await Sender.create(ground.deployer())
    await sender.send({ name: 'fail', data: REVERTS })
    await expect(sender.settle()).rejects.toMatchObject({
      name: 'Sender.RevertedError',
      message: expect.stringContaining('refused to fail'),
    })
  })
})

describe('create', () => {
  test('error: a node that hangs is given up', async () => {
    const port = await freePort()
    const server = createServer(() => {}).listen(port, '127.0.0.1')
    await once(server, 'listening')
    const deployer = { ...ground.deployer(), rpcUrl: `http://127.0.0.1:${port}` }
    const transport = { timeoutMs: 200 }
    await expect(Sender.create({ ...deployer, transport })).rejects.toMatchObject({
      code: 'RPC_CALL',
      message: expect.stringContaining('no answer within 200 ms'),
    })
    server.closeAllConnections()
    server.close()
  })
})
