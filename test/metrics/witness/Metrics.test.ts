import { describe, expect, test } from 'vitest'

import * as Validators from '../../../metrics/ethereum/consensus/Validators.ts'
import * as Metrics from '../../../metrics/witness/Metrics.ts'
import type { Block } from '../../../metrics/witness/Observation.ts'
import type { Entry } from '../../../metrics/witness/Tail.ts'

const BLOCK: Block = {
  kind: 'block',
  number: 9,
  hash: '0x9',
  parentHash: '0x8',
  timestamp: 100,
  seenAtMs: 0,
  gasUsed: 21_000,
  gasLimit: 60_000,
  sizeBytes: 600,
  transactionCount: 2,
  transactions: ['0x1', '0x2'],
  casts: [
    [1, 2, 0, 0],
    [1, 3, 1, 0],
    [1, 4, 1, 0],
  ],
  skips: [
    [1, 5, 1, 1],
    [1, 6, 1, 1],
  ],
  contradictions: [{ transaction: '0x2', reason: 'why' }],
}

/** What whoever scrapes the witness reads: the value by the name and the labels. */
async function scraped({ registry }: Metrics.Metrics): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => /^[^#]/.test(line))
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at).replace('ballotstorm_witness_', ''), Number(line.slice(at + 1))]
    }),
  )
}

function entry(number: number, ballotCount: number): Entry {
  const validators = Validators.from(undefined)
  return { number, hash: `0x${number}`, timestamp: 0, ballotCount, validators }
}

describe('block', () => {
  test('default: what was read is summed up, and the height is the last one', async () => {
    const metrics = Metrics.create()
    metrics.block(BLOCK, undefined)
    metrics.block({ ...BLOCK, number: 10, skips: [] }, 98)
    expect(await scraped(metrics)).toMatchObject({
      blocks_total: 2,
      gas_used_total: 42_000,
      ballots_included_total: 6,
      ballots_skipped_total: 2,
      contradictions_total: 2,
      height_blocks: 10,
    })
  })

  test('behavior: the first block has no interval, a second one as many seconds as its time is later', async () => {
    const metrics = Metrics.create()
    metrics.block(BLOCK, undefined)
    expect((await scraped(metrics))['block_interval_seconds_count']).toBe(0)
    metrics.block(BLOCK, 98)
    metrics.block(BLOCK, 0)
    expect(await scraped(metrics)).toMatchObject({
      block_interval_seconds_count: 2,
      block_interval_seconds_sum: 102,
    })
  })

  test('behavior: intervals are told apart from half a second to a standstill of a minute', async () => {
    const metrics = Metrics.create()
    for (const seconds of [0, 1, 2, 60, 61]) metrics.block(BLOCK, BLOCK.timestamp - seconds)
    const counts = await scraped(metrics)
    const bounds = ['0.5', '1', '1.5', '2', '3', '5', '10', '20', '30', '60', '+Inf']
    expect(bounds.map((le) => counts[`block_interval_seconds_bucket{le="${le}"}`])).toEqual([
      1, 2, 2, 3, 3, 3, 3, 3, 3, 4, 5,
    ])
  })
})

describe('final', () => {
  test('default: ballots add up, the height is the last one', async () => {
    const metrics = Metrics.create()
    metrics.final(3, 5)
    metrics.final(4, 2)
    expect(await scraped(metrics)).toMatchObject({ ballots_final_total: 7, final_height_blocks: 4 })
  })
})

describe('reorganised', () => {
  test('default: how often, how deep, and how many ballots went', async () => {
    const metrics = Metrics.create()
    metrics.reorganised([entry(3, 2), entry(4, 5)])
    metrics.reorganised([entry(4, 1)])
    const counts = await scraped(metrics)
    expect(counts).toMatchObject({
      reorganisations_total: 2,
      ballots_dropped_total: 8,
      reorganisation_depth_blocks_sum: 3,
    })
    const bounds = ['1', '2', '3', '5', '10', '20', '50', '100', '+Inf']
    expect(bounds.map((le) => counts[`reorganisation_depth_blocks_bucket{le="${le}"}`])).toEqual([
      1, 2, 2, 2, 2, 2, 2, 2, 2,
    ])
  })
})

describe('disagreeing', () => {
  test('default: how many nodes do so now', async () => {
    const metrics = Metrics.create()
    metrics.disagreeing(2)
    expect(await scraped(metrics)).toMatchObject({ nodes_disagreeing: 2 })
    metrics.disagreeing(0)
    expect(await scraped(metrics)).toMatchObject({ nodes_disagreeing: 0 })
  })
})

describe('heard', () => {
  test.each([
    [12, 10, 2],
    [10, 10, 0],
    [9, 10, 0],
    [12, undefined, 0],
  ])('default: at height %i, read up to %s, %i are to be read', async (height, ours, lag) => {
    const metrics = Metrics.create()
    metrics.heard('a:1', height, ours)
    expect(await scraped(metrics)).toMatchObject({
      'node_height_blocks{node="a:1"}': height,
      'lag_blocks{node="a:1"}': lag,
    })
  })
})

describe('failed', () => {
  test('default: failures and refused blocks are counted by node and kind', async () => {
    const metrics = Metrics.create()
    metrics.failed('a:1', 'timeout')
    metrics.failed('a:1', 'timeout')
    metrics.failed('a:1', 'status')
    metrics.failed('b:1', 'timeout')
    metrics.refused('b:1')
    expect(await scraped(metrics)).toMatchObject({
      'rpc_errors_total{node="a:1",kind="timeout"}': 2,
      'rpc_errors_total{node="a:1",kind="status"}': 1,
      'rpc_errors_total{node="b:1",kind="timeout"}': 1,
      'blocks_refused_total{node="b:1"}': 1,
    })
  })
})

describe('reading', () => {
  test('behavior: the first node is no change, and one node at a time is read', async () => {
    const metrics = Metrics.create()
    metrics.reading('a:1')
    expect(await scraped(metrics)).toMatchObject({
      reader_changes_total: 0,
      'reading_node{node="a:1"}': 1,
    })
    metrics.reading('b:1')
    metrics.reading('c:1')
    expect(await scraped(metrics)).toMatchObject({
      reader_changes_total: 2,
      'reading_node{node="a:1"}': 0,
      'reading_node{node="b:1"}': 0,
      'reading_node{node="c:1"}': 1,
    })
  })

  test('behavior: metrics of one witness are not those of another', async () => {
    const [one, other] = [Metrics.create(), Metrics.create()]
    one.final(1, 1)
    expect((await scraped(other))['ballots_final_total']).toBe(0)
  })
})
