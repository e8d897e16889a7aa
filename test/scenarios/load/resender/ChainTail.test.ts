import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Spool from '../../../../scenarios/ballots/Spool.ts'
import * as ChainTail from '../../../../scenarios/load/resender/ChainTail.ts'
import * as JsonRpc from '../../../../scenarios/load/resender/JsonRpc.ts'
import * as VoterIndex from '../../../../scenarios/load/resender/VoterIndex.ts'
import * as Plan from '../../../../scenarios/schedule/Plan.ts'
import * as RpcServer from '../../../helpers/rpcServer.ts'
import * as Sandbox from '../../../metrics/books/Sandbox.ts'

type Block = { hash: string; parentHash: string; transactions: string[] }

let chain: (Block | null)[]
let height: unknown
let asked: unknown[][]
let node: { url: string; close(): Promise<void> }
let seen: string[]
let gone: number[][]

/** What a block gives back is its own number, so that it can be recognised. */
const events: ChainTail.Events = {
  block(hashes) {
    seen.push(...hashes)
    return [seen.length]
  },
  vanished: (ballots) => void gone.push([...ballots]),
}

beforeEach(async () => {
  chain = []
  height = undefined
  asked = []
  seen = []
  gone = []
  grow('a', 0, 10)
  node = await RpcServer.start(({ method, params }) => {
    if (method === 'eth_blockNumber') {
      return { result: height === undefined ? `0x${(chain.length - 1).toString(16)}` : height }
    }
    asked.push([...params])
    return { result: chain[Number(params[0])] ?? null }
  })
})
afterEach(() => node.close())

/** Blocks of one branch up to a height. */
function grow(branch: string, from: number, until: number): void {
  chain = chain.slice(0, from)
  for (let number = from; number <= until; number += 1) {
    const parentHash = chain.at(-1)?.hash ?? ''
    const name = `${number}${branch}`
    chain.push({ hash: `h${name}`, parentHash, transactions: [`t${name}`] })
  }
}

describe('read', () => {
  test('default: from the height at the first call on, each block once', async () => {
    const tail = ChainTail.create()
    await tail.read(node.url, events)
    expect(seen).toEqual(['t10a'])
    expect(asked).toEqual([['0xa', false]])
    await tail.read(node.url, events)
    expect(seen).toEqual(['t10a'])
    grow('a', 11, 13)
    await tail.read(node.url, events)
    expect(seen).toEqual(['t10a', 't11a', 't12a', 't13a'])
    expect(gone).toEqual([])
  })

  test('boundary: at most fifty blocks in one go', async () => {
    const tail = ChainTail.create()
    await tail.read(node.url, events)
    grow('a', 11, 70)
    await tail.read(node.url, events)
    expect(seen.at(-1)).toBe('t60a')
    await tail.read(node.url, events)
    expect(seen.at(-1)).toBe('t70a')
  })

  test('behavior: blocks that were replaced vanish, the youngest first', async () => {
    const tail = ChainTail.create()
    await tail.read(node.url, events)
    grow('a', 11, 13)
    await tail.read(node.url, events)
    grow('b', 12, 14)
    await tail.read(node.url, events)
    expect(gone).toEqual([[4], [3]])
    expect(seen.slice(4)).toEqual(['t12b', 't13b', 't14b'])
  })

  test('boundary: so deep as the window is, and no deeper', async () => {
    const tail = ChainTail.create()
    await tail.read(node.url, events)
    grow('a', 11, 110)
    for (let look = 0; look < 3; look += 1) await tail.read(node.url, events)
    // Blocks 47 to 110 are known: 64 of them.
    grow('b', 20, 112)
    for (let look = 0; look < 5; look += 1) await tail.read(node.url, events)
    expect(gone).toHaveLength(64)
    expect(seen.at(-1)).toBe('t112b')
  })

  test('behavior: a block that is not there yet, or is none, is asked for again', async () => {
    const tail = ChainTail.create()
    const [last] = chain.splice(10, 1, null)
    await tail.read(node.url, events)
    expect(seen).toEqual([])
    chain[10] = last ?? null
    await tail.read(node.url, events)
    expect(seen).toEqual(['t10a'])
  })

  test.each([null, 7])('behavior: a height that is %j says nothing', async (told) => {
    height = told
    await ChainTail.create().read(node.url, events)
    expect(asked).toEqual([])
  })

  test('behavior: a dead node says nothing', async () => {
    await ChainTail.create().read('http://127.0.0.1:9', events)
    expect(seen).toEqual([])
  })
})

describe('JsonRpc', () => {
  test('default: the results of several calls in their order', async () => {
    const calls = [
      { method: 'eth_blockNumber', params: [] },
      { method: 'eth_getBlockByNumber', params: ['0x1', false] },
    ]
    expect(await JsonRpc.batch(node.url, calls)).toEqual(['0xa', chain[1]])
    expect(await JsonRpc.batch('http://127.0.0.1:9', calls)).toEqual([undefined, undefined])
  })

  test('behavior: a call that failed has no result, the others have theirs', async () => {
    const failing = await RpcServer.start(({ method }) =>
      method === 'bad' ? { error: { message: 'no' } } : { result: method },
    )
    const calls = ['a', 'bad', 'b'].map((method) => ({ method, params: [] }))
    expect(await JsonRpc.batch(failing.url, calls)).toEqual(['a', undefined, 'b'])
    await failing.close()
  })

  test('behavior: an answer, and why there is none', async () => {
    const payload = { jsonrpc: '2.0', id: 7, method: 'eth_blockNumber', params: [] }
    expect(await JsonRpc.post(node.url, payload)).toMatchObject({
      status: 200,
      body: '{"jsonrpc":"2.0","id":7,"result":"0xa"}',
    })
    const { status, body } = await JsonRpc.post('http://127.0.0.1:9', payload)
    expect(status).toBe(0)
    expect(body).toContain('ECONNREFUSED')
  })
})

describe('VoterIndex', () => {
  test('default: whose ballot each is, beyond one reading', () => {
    const sandbox = Sandbox.create(8200)
    const spool = Spool.open(`${sandbox.options.planFolder}/${Plan.FILES.spool}`)
    const index = VoterIndex.create(spool)
    spool.close()
    sandbox.dispose()
    for (const ballot of [0, 1, 8191, 8192, 8199]) {
      expect(index.voterOf(ballot)).toBe(Sandbox.voterOf(ballot))
      expect([...index.backFrom(ballot)]).toEqual([ballot])
    }
  })

  test('behavior: the ballots of one voter, from the last back to the first', () => {
    // Seven voters, in turn.
    const turns = 40
    const index = VoterIndex.create(repeating(7, turns))
    for (let ballot = 0; ballot < 7 * turns; ballot += 1) {
      const turn = Math.floor(ballot / 7)
      const expected = Array.from({ length: turn + 1 }, (_, back) => ballot - back * 7)
      expect([...index.backFrom(ballot)]).toEqual(expected)
      expect(index.voterOf(ballot)).toBe((ballot % 7) * 1000)
    }
  })

  test('boundary: no ballot, and one', () => {
    expect(VoterIndex.create(repeating(1, 0)).voterOf(0)).toBe(0)
    const index = VoterIndex.create(repeating(1, 1))
    expect([...index.backFrom(0)]).toEqual([0])
  })
})

/** A spool in which so many voters come in turn, each so many times. */
function repeating(voterCount: number, turns: number): Spool.Spool {
  const sandbox = Sandbox.create(1)
  const spool = Spool.open(`${sandbox.options.planFolder}/${Plan.FILES.spool}`)
  const record = spool.read(0, 1)
  const { header } = spool
  spool.close()
  sandbox.dispose()
  const { ballot, voter } = Spool.decodeSigned(record, 0)
  const records = Array.from({ length: voterCount * turns }, (_, place) =>
    Spool.encodeSigned({ ...ballot, voterIndex: (place % voterCount) * 1000 }, voter),
  )
  const bytes = Buffer.concat(records)
  const size = header.recordSizeBytes
  return {
    header: { ...header, count: records.length },
    read: (first, count) => bytes.subarray(first * size, (first + count) * size),
    close() {},
  }
}
