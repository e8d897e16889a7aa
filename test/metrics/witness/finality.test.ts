import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import * as Recording from '../../helpers/Recording.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as RecordedCity from '../RecordedCity.ts'
import * as Stepwise from './Stepwise.ts'

const DEPTH = 3

/** Four nodes with the same chain of single ballots, each of which may be behind or tell another. */
let city: RecordedCity.RecordedCity
let nodes: RecordedNode.RecordedNode[]
let first: number
let last: number

beforeAll(async () => {
  city = await RecordedCity.open('direct')
  first = city.fromBlock
  last = city.facts.ballotBlocks.at(-1) ?? 0
  nodes = []
  for (let node = 0; node < 4; node += 1) nodes.push(await RecordedNode.start(city.recording))
})

afterEach(() => {
  for (const node of nodes) {
    node.rewrite(undefined)
    node.fail(undefined)
    node.show(city.recording)
  }
})

afterAll(async () => {
  for (const node of nodes) await node.close()
  await city.dispose()
})

function watch(
  nodeCount: number,
  finality: Stepwise.Options['finality'] = { kind: 'depth', depth: DEPTH },
): Stepwise.Stepwise {
  return Stepwise.create({
    urls: nodes.slice(0, nodeCount).map(({ url }) => url),
    target: { kind: 'ballot-box', address: city.ballotBox },
    fromBlock: first,
    finality,
  })
}

function show(...heights: number[]): void {
  for (const [at, height] of heights.entries()) nodes[at]?.show(city.recording, height)
}

function hashAt(number: number): string {
  return city.recording.blocks[number]?.hash ?? ''
}

/** The same transactions in blocks of other names. */
function renamed(from: number): Recording.Recording {
  return Recording.fork(city.recording, from, ({ block, receipts }) => ({
    block: { ...block, extraData: '0x07' },
    receipts,
  }))
}

function finalNumbers(witness: Stepwise.Stepwise): number[] {
  return witness.of('final').map(({ number }) => number)
}

/** Looks once more, when what the others said has been taken in. */
async function lookAgain(witness: Stepwise.Stepwise): Promise<void> {
  await witness.compareAll()
  await witness.readNext()
}

describe('finality by depth', () => {
  test('behavior: a block is final exactly at the depth, and not one block sooner', async () => {
    show(first + DEPTH - 1)
    const witness = watch(1)
    await witness.readAll()
    expect(finalNumbers(witness)).toEqual([])
    show(first + DEPTH)
    await witness.readNext()
    expect(witness.of('final')).toEqual([
      { kind: 'final', number: first, hash: hashAt(first), atMs: 1_000_000 },
    ])
    expect(await witness.metric('ballots_final_total')).toBe(1)
  })

  test.each([
    [[0, 0, -9], true],
    [[0, -9, -9], false],
    [[0, 0, -9, -9], false],
    [[0, 0, 0, -9], true],
  ])('behavior: of nodes that lag by %j a majority has the block: %s', async (lags, isFinal) => {
    show(...lags.map((lag) => last + lag))
    const witness = watch(lags.length)
    await witness.readAll()
    await lookAgain(witness)
    expect(finalNumbers(witness).at(-1) ?? -1).toBe(isFinal ? last - DEPTH : -1)
  })

  test('behavior: a node that tells another chain is no part of the majority', async () => {
    show(last, last)
    nodes[1]?.show(renamed(first), last)
    const witness = watch(2)
    await witness.readAll()
    await lookAgain(witness)
    expect(finalNumbers(witness)).toEqual([])
  })

  test('behavior: what a majority has had counts on where the others say no more', async () => {
    show(last, last)
    const witness = watch(2)
    await witness.readAll()
    await lookAgain(witness)
    expect(finalNumbers(witness)).toEqual([last - DEPTH])
    nodes[1]?.fail('cut')
    await lookAgain(witness)
    expect(finalNumbers(witness)).toEqual([last - DEPTH])
    expect(await witness.metric('rpc_errors_total', { kind: 'connection' })).toBe(1)
  })
})

/** The first node tells of this block as the finalized one. */
function finalized(number: number, hash: string): void {
  nodes[0]?.rewrite(({ params }, result) =>
    params[0] === 'finalized' ? { number: `0x${number.toString(16)}`, hash } : result,
  )
}

describe('finality by the tag', () => {
  const finality = { kind: 'tag' } as const

  test('behavior: what the node calls finalized is final where it is a block of ours', async () => {
    show(last)
    finalized(first + 2, hashAt(first + 2))
    const witness = watch(1, finality)
    await witness.readAll()
    expect(finalNumbers(witness)).toEqual([first + 2])
    expect(await witness.metric('ballots_final_total')).toBe(3)
  })

  test('behavior: the tag is not believed with another hash', async () => {
    show(last)
    finalized(first + 2, hashAt(first + 3))
    const witness = watch(1, finality)
    await witness.readAll()
    expect(finalNumbers(witness)).toEqual([])
  })

  test('behavior: a tag that goes back takes nothing back', async () => {
    show(last)
    finalized(first + 2, hashAt(first + 2))
    const witness = watch(1, finality)
    await witness.readAll()
    finalized(first + 1, hashAt(first + 1))
    await witness.readNext()
    expect(finalNumbers(witness)).toEqual([first + 2])
  })

  test('behavior: without a finalized block none is final, and none the less all is read', async () => {
    show(last)
    nodes[0]?.rewrite(({ params }, result) => (params[0] === 'finalized' ? null : result))
    const witness = watch(1, finality)
    await witness.readAll()
    expect(finalNumbers(witness)).toEqual([])
    expect(witness.of('block')).toHaveLength(12)
  })
})

function askedOfSecond(): number {
  return nodes[1]?.calls.get('eth_blockNumber') ?? 0
}

describe('compare', () => {
  test('default: a node that agrees is asked again after a second, and not before', async () => {
    show(last, last)
    const witness = watch(2, { kind: 'instant' })
    await witness.readAll()
    await witness.compareAll()
    const before = askedOfSecond()
    const [, peer] = witness.peers
    if (peer === undefined) throw new Error('no second node')
    witness.clock.nowMs += 999
    await witness.compare(peer)
    expect(askedOfSecond()).toBe(before)
    witness.clock.nowMs += 1
    await witness.compare(peer)
    expect(askedOfSecond()).toBe(before + 1)
    expect(await witness.metric('node_height_blocks', { node: peer.node.name })).toBe(last)
  })

  test('behavior: how far a node is ahead is told, and one that is behind is not ahead', async () => {
    show(first, last, first - 1)
    const witness = watch(3, { kind: 'instant' })
    await witness.readAll()
    await witness.compareAll()
    const lag = (at: number): Promise<number> =>
      witness.metric('lag_blocks', { node: new URL(nodes[at]?.url ?? '').host })
    expect([await lag(0), await lag(1), await lag(2)]).toEqual([0, last - first, 0])
  })

  test('behavior: of two final blocks at one height neither node can be named, and it is told once', async () => {
    show(last, last)
    nodes[1]?.show(renamed(last), last)
    const witness = watch(2, { kind: 'instant' })
    await witness.readAll()
    await lookAgain(witness)
    await lookAgain(witness)
    const [told, ...more] = witness.of('disagreement')
    expect(more).toEqual([])
    expect(told).toMatchObject({
      number: last,
      hashes: [
        { rpcUrl: nodes[0]?.url, hash: hashAt(last) },
        { rpcUrl: nodes[1]?.url, hash: renamed(last).blocks[last]?.hash },
      ],
    })
    await witness.compareAll()
    expect(await witness.metric('nodes_disagreeing')).toBe(1)
    nodes[1]?.show(city.recording, last)
    await witness.compareAll()
    expect(await witness.metric('nodes_disagreeing')).toBe(0)
  })

  test('behavior: another block that does not hold names its node', async () => {
    show(last, last)
    nodes[1]?.show(renamed(last), last)
    nodes[1]?.rewrite(({ params }, result) =>
      params[1] === true ? Object.assign({}, result, { timestamp: '0x1' }) : result,
    )
    const witness = watch(2, { kind: 'instant' })
    await witness.readAll()
    await lookAgain(witness)
    expect(witness.of('disagreement')).toEqual([])
    expect(witness.of('fault')).toMatchObject([{ number: last, rpcUrl: nodes[1]?.url }])
    // The reader has done nothing wrong, and is kept.
    expect(await witness.metric('reader_changes_total')).toBe(0)
  })

  test('behavior: by depth two nodes may differ for as long as a reorganisation may mend it', async () => {
    show(last, last)
    nodes[1]?.show(renamed(last - DEPTH), last - 1)
    const witness = watch(3)
    await witness.readAll()
    await lookAgain(witness)
    await lookAgain(witness)
    expect(finalNumbers(witness)).toEqual([last - DEPTH])
    expect(witness.of('disagreement')).toEqual([])
    nodes[1]?.show(renamed(last - DEPTH), last)
    await lookAgain(witness)
    expect(witness.of('disagreement')).toMatchObject([{ number: last - DEPTH }])
  })

  test('behavior: a node that does not tell its height is no witness', async () => {
    const witness = watch(2, { kind: 'instant' })
    nodes[1]?.rewrite(({ method }, result) => (method === 'eth_blockNumber' ? 'many' : result))
    await witness.readAll()
    await witness.compareAll()
    expect(await witness.metric('rpc_errors_total', { kind: 'malformed' })).toBe(1)
    expect(witness.sources().nodes[1]).toMatchObject({ agreedNumber: -1, isHeard: false })
  })
})

describe('sources', () => {
  test('default: how many blocks were read of whom, up to where the others agree, whom nobody heard', async () => {
    show(last, first, last)
    const witness = watch(4, { kind: 'instant' })
    nodes[2]?.show(renamed(first), last)
    nodes[3]?.fail('cut')
    expect(witness.sources().nodes.map(({ isHeard }) => isHeard)).toEqual([
      false,
      false,
      false,
      false,
    ])
    show(first)
    await witness.readAll()
    await witness.compareAll()
    show(last)
    await witness.readAll()
    await witness.compareAll()
    expect(witness.sources()).toEqual({
      kind: 'nodes',
      nodes: [
        { rpcUrl: nodes[0]?.url, blockCount: 12, agreedNumber: last, isHeard: true },
        { rpcUrl: nodes[1]?.url, blockCount: 0, agreedNumber: first, isHeard: true },
        { rpcUrl: nodes[2]?.url, blockCount: 0, agreedNumber: -1, isHeard: true },
        { rpcUrl: nodes[3]?.url, blockCount: 0, agreedNumber: -1, isHeard: false },
      ],
      seals: 'none',
      validators: [],
    })
  })

  test('behavior: a height of zero is an answer too', async () => {
    show(last, 0)
    const witness = watch(2, { kind: 'instant' })
    await witness.compareAll()
    expect(witness.sources().nodes[1]?.isHeard).toBe(true)
  })
})

describe('create', () => {
  test('error: a witness without a node', () => {
    expect(() => watch(0)).toThrow(RangeError)
  })
})
