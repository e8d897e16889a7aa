import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import * as Node from '../../../metrics/audit/Node.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as RpcProxy from '../../helpers/rpcProxy.ts'
import * as RpcServer from '../../helpers/rpcServer.ts'

/** How long was waited before each further attempt; nobody waits here. */
const pausesMs = vi.hoisted((): number[] => [])

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => Promise.resolve(pausesMs.push(ms)),
}))

const CALLS = [{ method: 'eth_chainId', params: [] }]

let server: { url: string; close(): Promise<void> }
let proxy: RpcProxy.RpcProxy
let asked: number
/** How many times the node fails before it answers. */
let failures: number

beforeAll(async () => {
  server = await RpcServer.start(() => {
    asked += 1
    if (failures < 0) return { error: { message: 'no' } }
    if (asked <= failures) throw new Error('busy')
    return { result: '0x7' }
  })
  proxy = await RpcProxy.start(server.url)
})
beforeEach(() => {
  asked = 0
  failures = 0
  pausesMs.splice(0)
})
afterAll(async () => {
  await proxy.close()
  await server.close()
})

describe('connect', () => {
  test('default: an answer at once', async () => {
    expect(await Node.connect(proxy.url).ask(CALLS)).toEqual(['0x7'])
    expect([asked, pausesMs]).toEqual([1, []])
  })

  test('behavior: a node that is busy is asked three times, after longer and longer pauses', async () => {
    failures = 2
    expect(await Node.connect(proxy.url).ask(CALLS)).toEqual(['0x7'])
    expect([asked, pausesMs]).toEqual([3, [500, 1000]])
  })

  test('error: in the end the error stands', async () => {
    failures = 3
    await expect(Node.connect(proxy.url).ask(CALLS)).rejects.toBeInstanceOf(Rpc.RpcError)
    expect([asked, pausesMs]).toEqual([3, [500, 1000]])
  })

  test('error: what a node refuses it will refuse again', async () => {
    failures = -1
    await expect(Node.connect(proxy.url).ask(CALLS)).rejects.toMatchObject({ kind: 'refused' })
    expect([asked, pausesMs]).toEqual([1, []])
  })

  test('behavior: it is called as its address says', () => {
    expect(Node.connect('http://user:secret@node.example:99/x')).toMatchObject({
      name: 'node.example:99',
    })
  })
})
