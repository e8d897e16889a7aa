import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { begin, type Start } from '../../../metrics/audit/begin.ts'
import type { Facts as BlockFacts } from '../../../metrics/audit/Block.ts'
import * as Entries from '../../../metrics/audit/Entries.ts'
import { openLedger } from '../../../metrics/audit/openLedger.ts'
import { walk, type Ledger } from '../../../metrics/audit/walk.ts'
import * as WorkerPool from '../../../metrics/audit/WorkerPool.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'

const recording = Recording.load<Facts.Cast>('ballot-box')
const TIP = recording.blocks.length - 1
const { contract, ballotBlocks } = recording.facts
const [BATCH = 0] = ballotBlocks

let first: RecordedNode.RecordedNode
let second: RecordedNode.RecordedNode
let nodes: Rpc.Rpc[]
let start: Start

beforeAll(async () => {
  first = await RecordedNode.start(recording)
  second = await RecordedNode.start(recording)
  nodes = [first, second].map(({ url }) => Rpc.connect(url))
})

beforeEach(async () => {
  const [node] = nodes
  if (node === undefined) throw new Error('no node')
  start = await begin(node, { contract })
})

afterEach(() => {
  for (const node of [first, second]) {
    node.show(recording)
    node.rewrite(undefined)
    node.fail(undefined)
  }
})

afterAll(async () => {
  await first.close()
  await second.close()
})

type Seen = { read: [node: number, asked: readonly number[]][]; entries: number[] }

/** Walks along the whole chain; `change` puts other workers in place of the honest ones. */
async function walked(
  options: {
    change?: Change
    signal?: AbortSignal
    toBlock?: number
    onProgress?: (ledger: Ledger) => void
  } = {},
): Promise<{ ledger: Ledger; seen: Seen }> {
  const { change = () => ({}), signal, toBlock = TIP, onProgress = () => {} } = options
  const { ledger } = await openLedger(start, nodes, {})
  const local = WorkerPool.local(nodes)
  const honest = { ...local, ...change(local) }
  const seen: Seen = { read: [], entries: [] }
  const workers: WorkerPool.WorkerPool = {
    ...honest,
    read(node, asked, subject) {
      seen.read.push([node, asked])
      return honest.read(node, asked, subject)
    },
    recover(work) {
      seen.entries.push(Entries.count(work.entries))
      return honest.recover(work)
    },
  }
  const { subject, domain } = start
  await walk(ledger, { workers, nodes, subject, domain, toBlock, signal, onProgress })
  return { ledger, seen }
}

function kinds(ledger: Ledger): string[] {
  return ledger.findings.listed().map(({ kind }) => kind)
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

/** Shows a block with another time, and everything else as it is. */
function alter(node: RecordedNode.RecordedNode, number: number): void {
  node.rewrite(({ method, params }, result) =>
    method === 'eth_getBlockByNumber' && Number(params[0]) === number && result !== null
      ? { ...Object(result), timestamp: '0x1' }
      : result,
  )
}

/** 251 times the ballots of the first batch. */
function many(facts: BlockFacts): BlockFacts {
  if (facts.number !== BATCH) return facts
  const copies = Array.from({ length: 251 }, () => facts.entries)
  return { ...facts, entries: Buffer.concat(copies) }
}

type Change = (local: WorkerPool.WorkerPool) => Partial<WorkerPool.WorkerPool>

/** Whose second encoder disagrees about two ballots. */
const mistaken: Change = (local) => ({
  recover: async (work) => ({ ...(await local.recover(work)), disagreements: [0, 3] }),
})

const telling: Change = (local) => ({
  read: async (...asked) =>
    (await local.read(...asked)).map((facts) => ({ ...facts, ...told(facts.number) })),
})

describe('walk', () => {
  test('default: every block once, in stretches of eight, from the first node alone', async () => {
    const progress: number[] = []
    const onProgress = ({ chain }: Ledger): void => void progress.push(chain.number)
    const { ledger, seen } = await walked({ onProgress })
    const stretches: number[][] = []
    for (let from = 1; from <= TIP; from += 8) {
      stretches.push(numbers(from, Math.min(TIP, from + 7)))
    }
    expect(seen.read).toEqual(stretches.map((stretch) => [0, stretch]))
    expect(progress).toEqual(stretches.map((stretch) => stretch.at(-1)))
    expect(ledger.chain).toMatchObject({
      number: TIP,
      hash: recording.blocks[TIP]?.hash,
      timestamp: Number(recording.blocks[TIP]?.timestamp),
      brokenCount: 0,
    })
    expect(ledger.checks).toMatchObject({ blocks: TIP, transactions: 2, signatures: 12 })
    expect(ledger.checks.samples).toBeGreaterThan(0)
    expect(ledger.ballots.count()).toBe(12)
    expect(kinds(ledger)).toEqual([])
  })

  test.each([1, 7, 8, 9])('boundary: up to block %i', async (toBlock) => {
    const { ledger, seen } = await walked({ toBlock })
    expect(seen.read.flatMap(([, asked]) => asked)).toEqual(numbers(1, toBlock))
    expect(ledger.chain.number).toBe(toBlock)
    expect(ledger.checks.blocks).toBe(toBlock)
  })

  test('boundary: where nothing is left nothing is asked', async () => {
    const { ledger, seen } = await walked({ toBlock: 0 })
    expect(seen.read).toEqual([])
    expect(ledger.chain.number).toBe(0)
  })

  test('behavior: no more is read ahead than the threads can take', async () => {
    let [underWay, most] = [0, 0]
    await walked({
      change: (local) => ({
        count: 1,
        async read(node, asked, subject) {
          underWay += 1
          most = Math.max(most, underWay)
          const facts = await local.read(node, asked, subject)
          underWay -= 1
          return facts
        },
      }),
    })
    expect(most).toBe(2)
  })

  test('behavior: after an interruption nothing more is read', async () => {
    const stop = new AbortController()
    stop.abort()
    const { ledger, seen } = await walked({ signal: stop.signal })
    expect(seen.read).toEqual([])
    expect(ledger.chain.number).toBe(0)
  })

  test('behavior: a node that fails is not asked again for these blocks, the next one is', async () => {
    first.fail('status')
    const { ledger, seen } = await walked()
    expect(seen.read.filter(([node]) => node === 1).map(([, asked]) => asked)).toEqual(
      seen.read.filter(([node]) => node === 0).map(([, asked]) => asked),
    )
    expect(ledger.ballots.count()).toBe(12)
    expect(kinds(ledger)).toEqual([])
  })

  test('error: no node can be asked', async () => {
    first.fail('status')
    second.fail('status')
    await expect(walked()).rejects.toBeInstanceOf(Rpc.RpcError)
  })

  test('behavior: where the first node lies, the next one is asked for that block alone', async () => {
    alter(first, BATCH)
    const { ledger, seen } = await walked()
    expect(seen.read.filter(([node]) => node === 1)).toEqual([[1, [BATCH]]])
    expect(ledger.ballots.count()).toBe(12)
    expect(ledger.checks.blocks).toBe(TIP)
    const [finding, ...others] = ledger.findings.listed()
    expect(others.every(({ evidence }) => evidence['node'] === nodes[0]?.name)).toBe(true)
    expect(finding?.message).toMatch(
      new RegExp(`^Block ${BATCH} as ${nodes[0]?.name} shows it does not hold: .*\\.$`),
    )
    expect(finding?.evidence).toMatchObject({ block: BATCH, node: nodes[0]?.name })
    expect(finding?.evidence['blockHash']).not.toBe(recording.blocks[BATCH]?.hash)
  })

  test('behavior: a block that no node shows as it must be is passed over, what follows is checked', async () => {
    alter(first, BATCH)
    second.fail('status')
    const { ledger } = await walked()
    expect(ledger.chain).toMatchObject({ number: TIP, brokenCount: 1 })
    expect(ledger.ballots.count()).toBe(4)
    expect(ledger.checks.blocks).toBe(TIP - 1)
    expect(new Set(ledger.findings.listed().map(({ evidence }) => evidence['block']))).toEqual(
      new Set([BATCH]),
    )
  })

  test('behavior: a block that holds in itself must stand on the one before', async () => {
    const other = Recording.fork(recording, 3, ({ block, receipts }) => ({
      block: { ...block, extraData: block.number === '0x3' ? '0x66' : block.extraData },
      receipts,
    }))
    // Block 3 of another chain, whose hash is right and whose successors are those of this one.
    const blocks = recording.blocks.map((block, number) => (number === 3 ? other.blocks[3] : block))
    first.show({ ...recording, blocks: blocks.flatMap((block) => block ?? []) })
    const { ledger } = await walked()
    expect(ledger.findings.listed()).toMatchObject([
      {
        kind: 'brokenBlock',
        message: expect.stringContaining(`it stands on ${recording.blocks[3]?.hash}`),
        evidence: { block: 4, node: nodes[0]?.name },
      },
      // The honest node's block 4 does not stand on it either.
      { evidence: { block: 4, node: nodes[1]?.name } },
    ])
    expect(ledger.chain).toMatchObject({ number: TIP, brokenCount: 1 })
  })

  test('behavior: signers are recovered in parts of a thousand, and judged at their places', async () => {
    const { ledger, seen } = await walked({
      change: (local) => ({
        read: async (...asked) => (await local.read(...asked)).map(many),
      }),
    })
    // 251 times the eight ballots of the first batch, and the four of the second.
    expect(seen.entries).toEqual([1000, 1000, 12])
    expect(ledger.ballots.count()).toBe(12)
    expect(new Set(kinds(ledger))).toEqual(new Set(['duplicated']))
    expect(ledger.findings.count()).toBe(250 * 8)
    expect(ledger.checks.signatures).toBe(2012)
  })

  test('error: the second encoder disagrees', async () => {
    await expect(walked({ change: mistaken })).rejects.toMatchObject({
      name: 'walk.SharedMistakeError',
      code: 'AUDIT_SHARED_MISTAKE',
      exitCode: 1,
      message: "ethers' encoder and ours disagree about 2 ballots.",
    })
  })

  test('behavior: the polls are asked of their digests, so that only ballots of known polls are recovered', async () => {
    const digests: [number, string][] = []
    await walked({
      change: (local) => ({
        recover: (work) => {
          digests.push(...work.pollDigests)
          return local.recover(work)
        },
      }),
    })
    expect(new Set(digests.map(([pollId]) => pollId))).toEqual(new Set([1]))
    expect(digests[0]?.[1]).toBe(recording.facts.poll.pollDigest)
  })

  test('behavior: roots, pointers and contradictions are kept with their blocks', async () => {
    const { ledger } = await walked({ change: telling })
    expect([...ledger.roots]).toEqual([['0x2', { block: 2, transaction: '0xt' }]])
    expect([...ledger.pushes]).toEqual([['7', { address: '0xbb', block: 4 }]])
    expect(ledger.findings.listed()).toEqual([
      {
        kind: 'contradiction',
        message: 'Transaction 0xt in block 2: two things are told.',
        evidence: { transaction: '0xt', block: 2, blockHash: recording.blocks[2]?.hash },
      },
      {
        kind: 'redirected',
        message: 'Poll 7 of the Root was pointed from 0xaa to 0xbb in block 4.',
        evidence: {
          transaction: '0xt',
          block: 4,
          blockHash: recording.blocks[4]?.hash,
          from: '0xaa',
          to: '0xbb',
        },
      },
    ])
  })
})

/** What a block says beside its ballots: a poll is pointed somewhere, again there, and elsewhere. */
function told(number: number): Partial<BlockFacts> {
  const transaction = '0xt'
  const push = (address: string): Partial<BlockFacts> => ({
    pushes: [{ poll: '7', address, transaction }],
  })
  if (number === 1 || number === 3) return push('0xaa')
  if (number === 4) return push('0xbb')
  if (number !== 2) return {}
  return {
    roots: [{ root: '0x2', transaction }],
    contradictions: [{ transaction, reason: 'two things are told' }],
  }
}
