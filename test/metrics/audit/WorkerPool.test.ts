import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Subject } from '../../../metrics/audit/Block.ts'
import * as WorkerPool from '../../../metrics/audit/WorkerPool.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as RecordedCity from '../RecordedCity.ts'

const nodes = [Rpc.connect('http://127.0.0.1:1')]
const subject = { kind: 'ballot-box', contracts: { main: '0x', questions: [] }, consensus: 'none' }

/** What a thread answers to the reading of some blocks, as it comes from another thread. */
function read(numbers: unknown): Promise<WorkerPool.Answer> {
  const task = { kind: 'read', node: 0, numbers, subject }
  return WorkerPool.perform(nodes, JSON.parse(JSON.stringify(task)))
}

describe('perform', () => {
  test('behavior: a node that does not answer is a problem, and the thread goes on', async () => {
    expect(await read([1])).toMatchObject({
      kind: 'problem',
      problem: expect.stringContaining('127.0.0.1:1'),
    })
  })

  test('error: a bug is not told as a node that does not answer', async () => {
    await expect(read(undefined)).rejects.toThrow(TypeError)
  })
})

test('what a node does not tell leaves an audit without a result', () => {
  expect(new WorkerPool.UnansweredError('No answer.')).toMatchObject({ exitCode: 122 })
})

/** Both do the same work: the calling thread, and two others. */
describe('local and start', () => {
  let city: RecordedCity.RecordedCity
  let pools: WorkerPool.WorkerPool[]
  let box: Subject

  beforeAll(async () => {
    city = await RecordedCity.open('ballot-box')
    const urls = [city.node.url, DEAD]
    pools = [WorkerPool.local(urls.map((url) => Rpc.connect(url))), WorkerPool.start(urls, 2)]
    const contracts = { main: city.ballotBox, questions: [] }
    box = { kind: 'ballot-box', contracts, consensus: 'none' }
  })
  afterAll(async () => {
    for (const pool of pools) await pool.close()
    await city.dispose()
  })

  test('default: blocks and signers are the same', async () => {
    expect(pools.map(({ count }) => count)).toEqual([0, 2])
    const [batch = 0] = city.facts.ballotBlocks
    const blocks = await Promise.all(pools.map((pool) => pool.read(0, [1, batch], box)))
    expect(blocks[0]?.map(({ number }) => number)).toEqual([1, batch])
    expect(blocks[1]?.map(({ hash }) => hash)).toEqual(blocks[0]?.map(({ hash }) => hash))
    const entries = Uint8Array.from(blocks[0]?.[1]?.entries ?? [])
    const domain = { chainId: city.facts.chainId, verifyingContract: city.ballotBox }
    const pollDigests = new Map([[1, city.poll.pollDigest]])
    const work = { domain, pollDigests, entries }
    const signed = await Promise.all(pools.map((pool) => pool.recover(work)))
    expect(signed[0]).toMatchObject({ checkedCount: 8, disagreements: [] })
    expect(signed.map((one) => Buffer.from(one.signers))).toEqual(
      signed.map(() => Buffer.from(signed[0]?.signers ?? [])),
    )
  })

  test('error: a node that is dead, and one that is none', async () => {
    for (const pool of pools) {
      await expect(pool.read(1, [1], box)).rejects.toThrow('127.0.0.1:1')
      await expect(pool.read(2, [1], box)).rejects.toMatchObject({
        code: 'AUDIT_UNANSWERED',
        message: 'There is no node 2.',
      })
    }
  })

  test('error: no thread, and one that has ended', async () => {
    const none = WorkerPool.start([city.node.url], 0)
    expect(none.count).toBe(0)
    await expect(none.read(0, [1], box)).rejects.toMatchObject({ message: 'There is no thread.' })
    const ended = WorkerPool.start([city.node.url], 1)
    await ended.close()
    await expect(ended.read(0, [1], box)).rejects.toMatchObject({ code: 'AUDIT_UNANSWERED' })
  })
})

const DEAD = 'http://127.0.0.1:1'
