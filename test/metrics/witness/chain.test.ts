import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import * as Recording from '../../helpers/Recording.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as RecordedCity from '../RecordedCity.ts'
import * as Stepwise from './Stepwise.ts'

/** Twelve voters' own transactions, each in a block of its own, on a chain that the test lets grow. */
let city: RecordedCity.RecordedCity
let nodes: RecordedNode.RecordedNode[]
let first: number
let last: number
const [ONE, MANY] = [1, 4]

beforeAll(async () => {
  city = await RecordedCity.open('direct')
  first = city.fromBlock
  last = city.facts.ballotBlocks.at(-1) ?? 0
  nodes = []
  for (let at = 0; at < MANY; at += 1) nodes.push(await RecordedNode.start(city.recording))
})

afterEach(() => {
  for (const one of nodes) {
    one.rewrite(undefined)
    one.fail(undefined)
    one.show(city.recording)
  }
})

afterAll(async () => {
  for (const one of nodes) await one.close()
  await city.dispose()
})

type Options = Partial<Stepwise.Options> & { nodeCount?: number }

function watch({ nodeCount = ONE, ...options }: Options = {}): Stepwise.Stepwise {
  return Stepwise.create({
    urls: nodes.slice(0, nodeCount).map(({ url }) => url),
    target: { kind: 'ballot-box', address: city.ballotBox },
    fromBlock: first,
    ...options,
  })
}

function node(at: number): RecordedNode.RecordedNode {
  const found = nodes[at]
  if (found === undefined) throw new RangeError(`no node ${at}`)
  return found
}

function show(height: number, ...only: number[]): void {
  const shown = only.length === 0 ? nodes : only.map(node)
  for (const one of shown) one.show(city.recording, height)
}

/** The chain as it would be without the ballot of a block, whose later blocks are others by name. */
function without(number: number): Recording.Recording {
  return Recording.fork(city.recording, number, ({ block, receipts }) =>
    Number(block.number) === number
      ? { block: { ...block, transactions: [] }, receipts: [] }
      : { block, receipts },
  )
}

function hashAt(number: number, recording: Recording.Recording = city.recording): string {
  return recording.blocks[number]?.hash ?? ''
}

describe('readNext', () => {
  test('default: each block once, with its ballots, and final at once', async () => {
    show(last)
    const witness = watch()
    expect(await witness.readNext()).toBe(true)
    await witness.readAll()
    const blocks = witness.of('block')
    expect(blocks.map(({ number }) => number)).toEqual(range(first, last))
    expect(blocks.flatMap(({ casts }) => casts.map(([, voter]) => voter))).toEqual(
      range(0, 11).map((ballot) => city.intent(ballot).voterIndex),
    )
    const [block] = blocks
    const told = city.recording.blocks[first]
    expect(block).toMatchObject({
      hash: told?.hash,
      parentHash: hashAt(first - 1),
      timestamp: Number(told?.timestamp),
      seenAtMs: 1_000_000,
      gasUsed: Number(told?.gasUsed),
      gasLimit: Number(told?.gasLimit),
      sizeBytes: Number(told?.size),
      transactionCount: 1,
    })
    expect(witness.of('final').map(({ number, hash }) => [number, hash])).toEqual(
      range(first, last).map((number) => [number, hashAt(number)]),
    )
    expect(await witness.metric('blocks_total')).toBe(12)
    expect(await witness.metric('ballots_included_total')).toBe(12)
    expect(await witness.metric('ballots_final_total')).toBe(12)
    expect(await witness.metric('height_blocks')).toBe(last)
    expect(await witness.metric('final_height_blocks')).toBe(last)
    const gas = city.recording.blocks.slice(first, last + 1).map((one) => Number(one.gasUsed))
    expect(await witness.metric('gas_used_total')).toBe(gas.reduce((sum, one) => sum + one, 0))
  })

  test('behavior: nothing new is said once a second, and so is a chain that stands', async () => {
    show(first)
    const witness = watch()
    await witness.readAll()
    expect(witness.of('look')).toEqual([])
    witness.clock.nowMs += 999
    expect(await witness.readNext()).toBe(false)
    expect(witness.of('look')).toEqual([])
    witness.clock.nowMs += 1
    await witness.readNext()
    await witness.readNext()
    expect(witness.of('look')).toEqual([{ kind: 'look', atMs: 1_001_000 }])
  })

  test('behavior: before the first block a witness that hears its node says so', async () => {
    show(first - 1)
    const witness = watch()
    expect(await witness.readNext()).toBe(false)
    expect(witness.observed).toEqual([{ kind: 'look', atMs: 1_000_000 }])
  })

  test('behavior: a block of another height is not accepted', async () => {
    show(last)
    node(0).rewrite(({ method, params }, result) =>
      method === 'eth_getBlockByNumber' && Number(params[0]) === first
        ? city.recording.blocks[first + 1]
        : result,
    )
    const witness = watch()
    expect(await witness.readNext()).toBe(false)
    expect(witness.of('block')).toEqual([])
    const [fault] = witness.of('fault')
    expect(fault).toMatchObject({ number: first, rpcUrl: node(0).url, isCheckable: true })
    expect(fault?.faults.join()).toContain(`block 0x${(first + 1).toString(16)}`)
    expect(await witness.metric('blocks_refused_total')).toBe(1)
  })

  test('behavior: a block that does not hold is told once, however often it is shown', async () => {
    node(0).rewrite(({ method }, result) =>
      method === 'eth_getBlockByNumber' && typeof result === 'object'
        ? { ...result, timestamp: '0x1' }
        : result,
    )
    const witness = watch()
    for (const _ of range(1, 3)) expect(await witness.readNext()).toBe(false)
    expect(witness.of('fault')).toHaveLength(1)
    expect(witness.of('look')).toEqual([])
  })

  test('behavior: after the third failure in a row, and not before, the next node is read', async () => {
    const witness = watch({ nodeCount: 2 })
    node(0).fail('cut')
    for (const _ of range(1, 2)) await witness.readNext()
    expect(await witness.metric('reading_node', { node: host(0) })).toBe(1)
    await witness.readNext()
    expect(await witness.metric('reading_node', { node: host(0) })).toBe(0)
    expect(await witness.metric('reading_node', { node: host(1) })).toBe(1)
    expect(await witness.metric('reader_changes_total')).toBe(1)
    expect(await witness.metric('rpc_errors_total', { node: host(0), kind: 'connection' })).toBe(3)
    expect(await witness.readNext()).toBe(true)
  })

  test('behavior: a failure between two answers is no row', async () => {
    const witness = watch({ nodeCount: 2 })
    for (const fault of ['cut', 'cut', undefined, 'cut', 'cut', undefined] as const) {
      node(0).fail(fault)
      await witness.readNext()
    }
    expect(await witness.metric('reader_changes_total')).toBe(0)
    expect(witness.of('block')).toHaveLength(2)
  })

  test('behavior: after the last node the first one is read again, and one alone is kept', async () => {
    const witness = watch({ nodeCount: 2 })
    for (const one of nodes) one.fail('status')
    for (const _ of range(1, 6)) await witness.readNext()
    expect(await witness.metric('reading_node', { node: host(0) })).toBe(1)
    expect(await witness.metric('reader_changes_total')).toBe(2)
    const alone = watch()
    for (const _ of range(1, 4)) await alone.readNext()
    expect(await alone.metric('reader_changes_total')).toBe(0)
    expect(await alone.metric('rpc_errors_total', { node: host(0), kind: 'status' })).toBe(4)
  })

  test('behavior: a node that has had nothing new for five seconds while another has is left', async () => {
    show(first, 0)
    const witness = watch({ nodeCount: 2 })
    await witness.readAll()
    await witness.compareAll()
    const behindSinceMs = 1_000_000
    witness.clock.nowMs = behindSinceMs + 4999
    await witness.readNext()
    expect(await witness.metric('reader_changes_total')).toBe(0)
    witness.clock.nowMs = behindSinceMs + 5000
    await witness.readNext()
    expect(await witness.metric('reader_changes_total')).toBe(1)
    await witness.readAll()
    expect(witness.of('block').at(-1)?.number).toBe(city.recording.blocks.length - 1)
  })

  test('behavior: where nobody has more a node may stand still for as long as it likes', async () => {
    show(first)
    const witness = watch({ nodeCount: 2 })
    await witness.readAll()
    await witness.compareAll()
    witness.clock.nowMs += 60_000
    await witness.readNext()
    show(last)
    await witness.compareAll()
    await witness.readNext()
    expect(await witness.metric('reader_changes_total')).toBe(0)
  })

  test('behavior: what lacks a receipt is read again and accuses nobody', async () => {
    let isLacking = true
    node(0).rewrite(({ method }, result) =>
      method === 'eth_getTransactionReceipt' && isLacking ? null : result,
    )
    const witness = watch()
    expect(await witness.readNext()).toBe(false)
    expect(await witness.metric('rpc_errors_total', { kind: 'malformed' })).toBe(1)
    isLacking = false
    expect(await witness.readNext()).toBe(true)
    expect(witness.of('fault')).toEqual([])
  })
})

describe('a reorganisation', () => {
  test('behavior: the blocks that went are dropped, and those in their place are counted', async () => {
    show(last)
    const witness = watch({ finality: { kind: 'depth', depth: 3 } })
    await witness.readAll()
    const other = without(last - 1)
    node(0).show(other, last + 1)
    // The next block stands on another one than ours.
    expect(await witness.readNext()).toBe(false)
    expect(witness.of('reorganisation')).toEqual([
      {
        kind: 'reorganisation',
        number: last - 2,
        depth: 2,
        droppedHashes: [hashAt(last - 1), hashAt(last)],
        atMs: 1_000_000,
      },
    ])
    await witness.readAll()
    const after = witness.of('block').slice(12)
    expect(after.map(({ number, hash, casts }) => [number, hash, casts.length])).toEqual([
      [last - 1, hashAt(last - 1, other), 0],
      [last, hashAt(last, other), 1],
      [last + 1, hashAt(last + 1, other), 0],
    ])
    expect(await witness.metric('reorganisations_total')).toBe(1)
    expect(await witness.metric('ballots_dropped_total')).toBe(2)
    expect(await witness.metric('reorganisation_depth_blocks')).toBeGreaterThan(0)
  })

  test('behavior: the final height is lowered by a reorganisation, and what replaces it is final anew', async () => {
    show(last)
    const witness = watch()
    await witness.readAll()
    const other = without(first + 1)
    node(0).show(other, last)
    witness.clock.nowMs += 1000
    await witness.readNext()
    expect(witness.of('reorganisation')).toMatchObject([{ number: first, depth: 11 }])
    await witness.readAll()
    const finals = witness.of('final').slice(12)
    expect(finals.map(({ number, hash }) => [number, hash])).toEqual(
      range(first + 1, last).map((number) => [number, hashAt(number, other)]),
    )
    // Ten of the eleven that were dropped are back.
    expect(await witness.metric('ballots_final_total')).toBe(22)
    expect(await witness.metric('final_height_blocks')).toBe(last)
  })

  test('behavior: a chain that does not grow is looked at after a second, and not before', async () => {
    show(last)
    const witness = watch()
    await witness.readAll()
    node(0).show(without(last), last)
    witness.clock.nowMs += 999
    await witness.readNext()
    expect(witness.of('reorganisation')).toEqual([])
    witness.clock.nowMs += 1
    await witness.readNext()
    expect(witness.of('reorganisation')).toMatchObject([{ number: last - 1, depth: 1 }])
  })

  test('behavior: one that reaches deeper than is asked at a time, and down to the first block', async () => {
    const tip = city.recording.blocks.length - 1
    const witness = watch()
    await witness.readAll()
    expect(tip - first).toBeGreaterThan(17)
    node(0).show(without(first), tip)
    witness.clock.nowMs += 1000
    await witness.readNext()
    expect(witness.of('reorganisation')).toMatchObject([
      { number: first - 1, depth: tip - first + 1 },
    ])
    const deep = watch()
    node(0).show(city.recording)
    await deep.readAll()
    node(0).show(without(first + 1), tip)
    deep.clock.nowMs += 1000
    await deep.readNext()
    expect(deep.of('reorganisation')).toMatchObject([{ number: first, depth: tip - first }])
  })

  test('behavior: a node that has lost its last blocks for a while has replaced nothing', async () => {
    show(last)
    const witness = watch()
    await witness.readAll()
    show(last - 3)
    witness.clock.nowMs += 1000
    await witness.readNext()
    expect(witness.of('reorganisation')).toEqual([])
    show(last + 1)
    expect(await witness.readNext()).toBe(true)
    expect(witness.of('block').at(-1)?.number).toBe(last + 1)
  })

  test('behavior: what is to replace ours must hold', async () => {
    show(last)
    const witness = watch()
    await witness.readAll()
    const other = without(last)
    node(0).show(other, last)
    node(0).rewrite(({ method, params }, result) =>
      method === 'eth_getBlockByNumber' && params[1] === true && result !== null
        ? Object.assign({}, result, { timestamp: '0x1' })
        : result,
    )
    witness.clock.nowMs += 1000
    await witness.readNext()
    expect(witness.of('reorganisation')).toEqual([])
    expect(witness.of('fault')).toMatchObject([{ number: last, hash: hashAt(last, other) }])
  })
})

function host(at: number): string {
  return new URL(node(at).url).host
}

/** From one to the other, both included. */
function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
