import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'
import * as Stepwise from './Stepwise.ts'

/** Nodes with a chain of ballots, the last five of which are read, that contradict themselves, or go away while they are asked. */
const recording = Recording.load<Facts.Cast>('direct')
const { contract, ballotBlocks } = recording.facts
const last = ballotBlocks.at(-1) ?? 0
const first = ballotBlocks.at(-5) ?? 0

let nodes: RecordedNode.RecordedNode[]
beforeAll(async () => {
  nodes = []
  for (let at = 0; at < 3; at += 1) nodes.push(await RecordedNode.start(recording))
})
afterEach(() => {
  for (const node of nodes) node.rewrite(undefined)
})
afterAll(async () => {
  for (const node of nodes) await node.close()
})

function watch(nodeCount: number, options: Partial<Stepwise.Options> = {}): Stepwise.Stepwise {
  return Stepwise.create({
    urls: nodes.slice(0, nodeCount).map(({ url }) => url),
    target: { kind: 'ballot-box', address: contract },
    fromBlock: first,
    ...options,
  })
}

function show(...heights: number[]): void {
  for (const [at, height] of heights.entries()) nodes[at]?.show(recording, height)
}

/** The same transactions in blocks of other names. */
function renamed(from: number, extraData = '0x07'): Recording.Recording {
  return Recording.fork(recording, from, ({ block, receipts }) => ({
    block: { ...block, extraData },
    receipts,
  }))
}

function hashAt(number: number): string {
  return recording.blocks[number]?.hash ?? ''
}

function isBlockCall({ method, params }: Rpc.Call, number: number, isFull: boolean): boolean {
  return method === 'eth_getBlockByNumber' && Number(params[0]) === number && params[1] === isFull
}

/** A node that fails where it is asked one thing, and else does as it did. */
function failing(isAsked: (call: Rpc.Call, url: string) => boolean, kind: Rpc.ErrorKind) {
  return (node: Rpc.Rpc): Rpc.Rpc => ({
    ...node,
    async ask(calls) {
      const isHit = calls.some((call) => isAsked(call, node.url))
      if (isHit) throw new Rpc.RpcError(kind, node.url, 'as told')
      return node.ask(calls)
    },
  })
}

function isTag({ params }: Rpc.Call): boolean {
  return params[0] === 'finalized'
}

describe('finality by the tag', () => {
  const finality = { kind: 'tag' } as const

  test('behavior: a node that refuses the tag before its first final block does nothing wrong', async () => {
    show(last)
    const witness = watch(1, { finality, through: failing(isTag, 'refused') })
    await witness.readAll()
    expect(witness.of('block')).toHaveLength(5)
    expect(witness.of('final')).toEqual([])
    expect(await witness.metric('rpc_errors_total')).toBe(0)
  })

  test('behavior: a tag that is not heard is a failure, and the block before it stays read', async () => {
    show(last)
    const witness = watch(1, { finality, through: failing(isTag, 'timeout') })
    expect(await witness.readNext()).toBe(false)
    expect(witness.of('block')).toHaveLength(1)
    expect(await witness.metric('rpc_errors_total', { kind: 'timeout' })).toBe(1)
  })
})

function breaking(node: Rpc.Rpc): Rpc.Rpc {
  return { ...node, ask: () => Promise.reject(new TypeError('no answer')) }
}

describe('what is told', () => {
  test('behavior: events that no transaction explains are doubted, and counted as doubts', async () => {
    const elsewhere = Recording.fork(recording, first, ({ block, receipts }) => ({
      block: {
        ...block,
        transactions: block.transactions.map((one) => ({ ...one, to: `0x${'12'.repeat(20)}` })),
      },
      receipts,
    }))
    nodes[0]?.show(elsewhere, first)
    const witness = watch(1)
    await witness.readAll()
    const [block] = witness.of('block')
    expect(block?.contradictions.length).toBeGreaterThan(0)
    expect(block?.contradictions[0]?.transaction).toBe(
      elsewhere.blocks[first]?.transactions[0]?.hash,
    )
    expect(await witness.metric('contradictions_total')).toBe(block?.contradictions.length)
  })

  test('behavior: a node that lies in every block is named for the first thousand', async () => {
    let askedCount = 0
    const through = (node: Rpc.Rpc): Rpc.Rpc => ({
      ...node,
      async ask() {
        askedCount += 1
        const hash = `0x${askedCount.toString(16).padStart(64, '0')}`
        return [{ ...recording.blocks[0], number: `0x${first.toString(16)}`, hash }]
      },
    })
    const witness = watch(1, { through })
    for (let look = 0; look < 1001; look += 1) await witness.readNext()
    expect(askedCount).toBe(1001)
    expect(witness.of('fault')).toHaveLength(1000)
    expect(await witness.metric('blocks_refused_total')).toBe(1000)
  })

  test('behavior: two nodes that show the same false block are both named', async () => {
    show(last, last)
    for (const node of nodes) {
      node.rewrite((call, result) =>
        isBlockCall(call, first, true) ? Object.assign({}, result, { timestamp: '0x1' }) : result,
      )
    }
    const witness = watch(2)
    for (let look = 0; look < 4; look += 1) await witness.readNext()
    expect(witness.of('fault').map(({ rpcUrl }) => rpcUrl)).toEqual([nodes[0]?.url, nodes[1]?.url])
  })

  test('behavior: a block whose size the node keeps to itself counts as none', async () => {
    show(first)
    nodes[0]?.rewrite((call, result) =>
      isBlockCall(call, first, true) ? Object.assign({}, result, { size: undefined }) : result,
    )
    const witness = watch(1)
    await witness.readAll()
    expect(witness.of('block')).toMatchObject([{ number: first, sizeBytes: 0 }])
  })

  test('behavior: between five blocks there are four intervals', async () => {
    show(last)
    const witness = watch(1)
    await witness.readAll()
    const seconds = recording.blocks
      .slice(first, last + 1)
      .map(({ timestamp }) => Number(timestamp))
    const lines = await witness.metrics.registry.metrics()
    expect(lines).toContain('ballotstorm_witness_block_interval_seconds_count 4\n')
    expect(lines).toContain(
      `ballotstorm_witness_block_interval_seconds_sum ${(seconds.at(-1) ?? 0) - (seconds[0] ?? 0)}\n`,
    )
  })

  test('behavior: an error of another kind is one of the node all the same', async () => {
    const witness = watch(1, { through: breaking })
    expect(await witness.readNext()).toBe(false)
    expect(await witness.metric('rpc_errors_total', { kind: 'malformed' })).toBe(1)
  })
})

/** Our chain up to a height, read by a witness a second ago. */
async function standing(nodeCount = 1, options: Partial<Stepwise.Options> = {}) {
  show(last, last, last)
  const witness = watch(nodeCount, options)
  await witness.readAll()
  witness.clock.nowMs += 1000
  return witness
}

/** The first node has lost the block at this height, by name and whole. */
function losing(number: number): void {
  nodes[0]?.rewrite((call, result) =>
    isBlockCall(call, number, false) || isBlockCall(call, number, true) ? null : result,
  )
}

describe('what replaces our blocks', () => {
  test('behavior: blocks are replaced where one stands in the place of the lowest', async () => {
    const witness = await standing()
    nodes[0]?.show(renamed(last - 1), last)
    losing(last)
    await witness.readNext()
    expect(witness.of('reorganisation')).toMatchObject([{ number: last - 2, depth: 2 }])
  })

  test('behavior: where nothing stands in the place of the lowest they stay', async () => {
    const witness = await standing()
    nodes[0]?.show(renamed(last - 1), last)
    losing(last - 1)
    await witness.readNext()
    expect(witness.of('reorganisation')).toEqual([])
    nodes[0]?.rewrite(undefined)
    witness.clock.nowMs += 1000
    await witness.readNext()
    expect(witness.of('reorganisation')).toMatchObject([{ number: last - 2, depth: 2 }])
  })

  test('behavior: what has gone again by the time it is read replaces nothing', async () => {
    const witness = await standing()
    nodes[0]?.show(renamed(last), last)
    nodes[0]?.rewrite((call, result) => (isBlockCall(call, last, true) ? null : result))
    expect(await witness.readNext()).toBe(false)
    expect(witness.of('reorganisation')).toEqual([])
    expect(witness.of('fault')).toEqual([])
  })

  test('behavior: what stands on another block than ours by the time it is read replaces nothing', async () => {
    const witness = await standing()
    nodes[0]?.show(renamed(last), last)
    const another = renamed(last - 1, '0x08')
    nodes[0]?.rewrite((call, result) =>
      isBlockCall(call, last, true) ? another.blocks[last] : result,
    )
    nodes[0]?.intercept(({ method, params }) =>
      method === 'eth_getTransactionReceipt' ? another.receipts[String(params[0])] : undefined,
    )
    await witness.readNext()
    nodes[0]?.intercept(undefined)
    expect(witness.of('reorganisation')).toEqual([])
    expect(witness.of('fault')).toEqual([])
    expect(await witness.metric('rpc_errors_total')).toBe(0)
  })

  test('behavior: who agreed with blocks that were replaced has not agreed with the new ones', async () => {
    const finality = { kind: 'depth', depth: 3 } as const
    const witness = await standing(2, { finality })
    await witness.compareAll()
    await witness.readNext()
    expect(witness.of('final').at(-1)?.number).toBe(last - 3)
    nodes[0]?.show(renamed(first + 1), last)
    witness.clock.nowMs += 1000
    await witness.readNext()
    await witness.readAll()
    expect(witness.of('block').at(-1)?.hash).toBe(renamed(first + 1).blocks[last]?.hash)
    expect(witness.of('final').at(-1)?.hash).toBe(hashAt(last - 3))
    expect(witness.sources().nodes[1]?.agreedNumber).toBe(first)
  })
})

/** The second node tells another last block, and the witness has just looked at its own. */
async function doubted(options: Partial<Stepwise.Options> = {}): Promise<Stepwise.Stepwise> {
  show(last)
  nodes[1]?.show(renamed(last), last)
  const witness = watch(2, options)
  await witness.readAll()
  for (const peer of witness.peers) await witness.compare(peer)
  return witness
}

/** Whether the second node is asked for its whole last block. */
function isOther(call: Rpc.Call, url: string): boolean {
  return url === nodes[1]?.url && isBlockCall(call, last, true)
}

describe('a doubt', () => {
  test('behavior: it is resolved at once, and not a second later', async () => {
    const witness = await doubted()
    expect(witness.of('disagreement')).toEqual([])
    await witness.readNext()
    expect(witness.of('disagreement')).toMatchObject([{ number: last, atMs: 1_000_000 }])
  })

  test('behavior: where the other node does not show its block the two names disagree', async () => {
    const witness = await doubted({ through: failing(isOther, 'timeout') })
    await witness.readNext()
    expect(witness.of('disagreement')).toHaveLength(1)
    expect(await witness.metric('rpc_errors_total')).toBe(0)
  })

  test('behavior: where our own block was replaced nobody disagrees any more', async () => {
    const witness = await doubted()
    nodes[0]?.show(renamed(last), last)
    await witness.readNext()
    await witness.readAll()
    expect(witness.of('disagreement')).toEqual([])
    expect(witness.of('reorganisation')).toMatchObject([{ number: last - 1 }])
  })
})

describe('a node that is behind', () => {
  test('behavior: the one read after it has five seconds of its own', async () => {
    show(first, first, last)
    const witness = watch(3)
    await witness.readAll()
    await witness.compareAll()
    const changes: number[] = []
    for (const nowMs of [1_004_999, 1_005_000, 1_009_999, 1_010_000]) {
      witness.clock.nowMs = nowMs
      await witness.readNext()
      changes.push(await witness.metric('reader_changes_total'))
    }
    expect(changes).toEqual([0, 1, 1, 2])
    await witness.readAll()
    expect(witness.of('block').at(-1)?.number).toBe(last)
  })
})
