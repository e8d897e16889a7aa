import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as CanonicalChain from '../../../metrics/books/CanonicalChain.ts'
import * as Problems from '../../../metrics/books/Problems.ts'
import type { Observation } from '../../../metrics/witness/Observation.ts'
import * as Sandbox from './Sandbox.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-chain-'))
  file = join(folder, 'observations.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The chain that these observations leave, and what is wrong with them. */
async function replay(...lines: Observation[]) {
  writeFileSync(file, Sandbox.marked(lines))
  const problems = Problems.create()
  const chain = await CanonicalChain.replay(file, problems)
  return { chain, problems: problems.list() }
}

const block = Sandbox.block
const final = Sandbox.final

/** Blocks above `number` go. */
function reorganisation(number: number, depth: number): Observation {
  return { kind: 'reorganisation', number, depth, droppedHashes: [], atMs: 1 }
}

describe('replay', () => {
  test('default: blocks in their order, final by the moment at which they were called so', async () => {
    const lines = [
      block(1, [[1, 5, 0, 0]]),
      block(2, []),
      final(1, 'a', 7),
      block(3, []),
      final(3, 'a', 9),
    ]
    const { chain, problems } = await replay(...lines)
    expect(problems).toEqual([])
    expect(
      chain.blocks.map(({ number, finalAtMs, castCount }) => [number, finalAtMs, castCount]),
    ).toEqual([
      [1, 7, 1],
      [2, 9, 0],
      [3, 9, 0],
    ])
    const [first] = chain.blocks
    const seen = block(1, [[1, 5, 0, 0]])
    expect(first).toMatchObject({
      hash: seen.hash,
      parentHash: seen.parentHash,
      timestamp: seen.timestamp,
      seenAtMs: seen.seenAtMs,
      gasUsed: 31_000,
      blockBytes: 600,
    })
    expect(chain).toMatchObject({
      undone: [],
      faults: [],
      disagreements: [],
      reorgCount: 0,
      tornLineCount: 0,
    })
  })

  test('behavior: what was called final stays so, whatever is called final later', async () => {
    const { chain } = await replay(
      block(1, []),
      final(1, 'a', 7),
      final(1, 'a', 8),
      block(2, []),
      final(2, 'a', 9),
    )
    expect(chain.blocks.map(({ finalAtMs }) => finalAtMs)).toEqual([7, 9])
    const back = await replay(
      block(1, []),
      block(2, []),
      final(2, 'a', 7),
      final(1, 'a', 8),
      final(2, 'a', 9),
    )
    expect(back.chain.blocks.map(({ finalAtMs }) => finalAtMs)).toEqual([7, 7])
  })

  test('behavior: the final height is lowered by a reorganisation, and blocks in its place can be final', async () => {
    const { chain, problems } = await replay(
      block(1, []),
      block(2, []),
      final(2, 'a', 7),
      reorganisation(1, 1),
      block(2, [], { branch: 'b', parentBranch: 'a' }),
      final(2, 'b', 9),
    )
    expect(problems).toEqual([])
    expect(chain.blocks.map(({ finalAtMs }) => finalAtMs)).toEqual([7, 9])
    expect(chain.undone).toMatchObject([{ number: 2, finalAtMs: 7 }])
  })

  test('behavior: a block is not final by another’s hash, and that is a problem', async () => {
    const { chain, problems } = await replay(
      block(1, []),
      final(1, 'b'),
      block(2, []),
      final(3, 'a'),
    )
    expect(chain.blocks.filter(CanonicalChain.isFinal)).toEqual([])
    expect(problems).toEqual([
      expect.stringMatching(/final that it had not read \(2; first: block 1\)/),
    ])
  })

  test('behavior: a block on another parent is a problem, and one behind a gap is not placed', async () => {
    const other = await replay(block(1, []), block(2, [], { parentBranch: 'b' }))
    expect(other.problems).toEqual([expect.stringContaining('block 2')])
    expect(other.chain.blocks).toHaveLength(2)
    const gap = await replay(block(1, []), block(3, []), block(2, []))
    expect(gap.problems).toEqual([expect.stringContaining('block 3')])
    expect(gap.chain.blocks.map(({ number }) => number)).toEqual([1, 2])
  })

  test('behavior: a chain may begin at any height', async () => {
    const { chain, problems } = await replay(
      block(7, []),
      block(8, []),
      final(7, 'a', 5),
      reorganisation(7, 1),
      reorganisation(3, 4),
    )
    expect(problems).toEqual([])
    expect(chain.blocks).toEqual([])
    expect(chain.undone.map(({ number, finalAtMs }) => [number, finalAtMs])).toEqual([
      [8, NaN],
      [7, 5],
    ])
    expect([chain.reorgCount, chain.reorgDepthMax]).toEqual([2, 4])
  })

  test('behavior: malformed lines are told with their number, a torn one is counted', async () => {
    const [begin, ...rest] = Sandbox.marked([block(1, [])]).split('\n')
    writeFileSync(file, [begin, '{"kind":"rumour"}', 'nothing', ...rest].join('\n') + '{"kind":')
    const problems = Problems.create()
    const chain = await CanonicalChain.replay(file, problems)
    expect(problems.list().join()).toContain('malformed line (2; first: line 2)')
    expect([chain.blocks.length, chain.tornLineCount]).toEqual([1, 1])
  })

  test('behavior: faults, disagreements and whom the witness asked are kept', async () => {
    const fault = {
      number: 3,
      hash: '0x1',
      rpcUrl: 'http://a',
      faults: ['x'],
      isCheckable: true,
      atMs: 1,
    }
    const disagreement = { number: 3, hashes: [], atMs: 1 }
    const nodes = { nodes: [], seals: 'none', validators: [] } as const
    const { chain } = await replay(
      { kind: 'fault', ...fault },
      { kind: 'disagreement', ...disagreement },
      { kind: 'nodes', ...nodes, nodes: [], validators: [] },
    )
    expect(chain.faults).toMatchObject([fault])
    expect(chain.disagreements).toMatchObject([disagreement])
    expect(chain.nodes).toMatchObject({ seals: 'none' })
  })
})

function look(atMs: number): Observation {
  return { kind: 'look', atMs }
}

describe('silenceMsMax', () => {
  const window = { fromMs: 1000, untilMs: 9000 }

  test.each([
    [[], 8000],
    [[1000, 9000], 8000],
    [[5000], 4000],
    [[500, 2000, 8500, 9500], 6500],
    [[8500, 2000], 6500],
    [[1001, 5000, 8999], 3999],
  ])('default: heard at %j', (heardAtMs, silenceMs) => {
    expect(CanonicalChain.silenceMsMax({ heardAtMs }, window)).toBe(silenceMs)
  })

  test('behavior: within a second one time stands for all, blocks are heard too', async () => {
    writeFileSync(
      file,
      [look(0), look(999), look(1000), block(1, [], { seenAtMs: 5000 }), look(3000)]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    )
    const { heardAtMs } = await CanonicalChain.replay(file, Problems.create())
    expect(heardAtMs).toEqual([0, 1000, 5000, 3000])
  })
})

describe('createReader', () => {
  test('default: the ballots of a block, as often as they are asked for', async () => {
    const { chain } = await replay(block(1, [[1, 5, 0, 0]]), block(2, [[1, 6, 1, 1]]))
    const read = CanonicalChain.createReader(file)
    const [first, second] = chain.blocks
    if (first === undefined || second === undefined) throw new Error('no blocks')
    expect((await read(first))?.casts).toEqual([[1, 5, 0, 0]])
    expect((await read(second))?.casts).toEqual([[1, 6, 1, 1]])
    expect((await read(first))?.casts).toEqual([[1, 5, 0, 0]])
    rmSync(file)
    // Ballots of one block are asked for one after the other.
    expect((await read(first))?.casts).toEqual([[1, 5, 0, 0]])
    await expect(read(second)).rejects.toThrow('ENOENT')
  })

  test('behavior: a line that holds no block is none', async () => {
    const { chain } = await replay(block(1, []))
    const [first] = chain.blocks
    if (first === undefined) throw new Error('no block')
    const read = CanonicalChain.createReader(file)
    expect(await read({ ...first, offsetBytes: 0 })).toBeUndefined()
  })
})
