import { open } from 'node:fs/promises'
import { basename } from 'node:path'

import { Compile } from 'typebox/compile'

import * as Observation from '../witness/Observation.ts'
import type { Line } from '../../scenarios/runtime/lines.ts'
import { lines } from '../../scenarios/runtime/lines.ts'
import * as Marks from './marks.ts'
import type { Problems } from './Problems.ts'

/** A block that the witness read, without its ballots. */
export type CanonicalBlock = {
  number: number
  hash: string
  parentHash: string
  timestamp: number
  seenAtMs: number
  /** NaN while not final. */
  finalAtMs: number
  gasUsed: number
  /** Of the block itself. */
  blockBytes: number
  castCount: number
  /** Its line in the file, for reading the ballots. */
  offsetBytes: number
  sizeBytes: number
}

/** The chain as it stands at the end of the observations, and how it came to that. */
export type CanonicalChain = {
  /** Contiguous, lowest first. About 500 bytes a block. */
  blocks: CanonicalBlock[]
  /** Blocks that left the chain, in the order in which they did. */
  undone: CanonicalBlock[]
  disagreements: Observation.Disagreement[]
  /** Blocks that nodes showed and that do not hold. */
  faults: Observation.Fault[]
  /** Whom the witness asked; `undefined` where it could not say it. */
  nodes: Observation.Nodes | undefined
  /** When the witness heard from its node, Unix ms, about one a second. */
  heardAtMs: number[]
  reorgCount: number
  reorgDepthMax: number
  tornLineCount: number
}

const observation = Compile(Observation.Schema)

/** Replays the observations: only what stands at the end counts, however often it moved. */
export async function replay(file: string, problems: Problems): Promise<CanonicalChain> {
  const chain: CanonicalChain = {
    blocks: [],
    undone: [],
    disagreements: [],
    faults: [],
    nodes: undefined,
    heardAtMs: [],
    reorgCount: 0,
    reorgDepthMax: 0,
    tornLineCount: 0,
  }
  const marks = Marks.create()
  let finalCount = 0
  for await (const batch of lines(file)) {
    for (const line of batch) {
      if (!line.isWhole) {
        chain.tornLineCount += 1
        continue
      }
      const seen = parse(line.text)
      marks.enter(line.text, seen)
      if (seen === undefined) {
        problems.add(`${basename(file)}: malformed line`, `line ${line.number}`)
        continue
      }
      finalCount = Math.min(finalCount, chain.blocks.length)
      if (seen.kind === 'block') append(chain, seen, line, problems)
      else if (seen.kind === 'final') finalCount = finalise(chain, seen, finalCount, problems)
      else if (seen.kind === 'reorganisation') drop(chain, seen)
      else if (seen.kind === 'disagreement') chain.disagreements.push(seen)
      else if (seen.kind === 'fault') chain.faults.push(seen)
      else if (seen.kind === 'nodes') chain.nodes = seen
      else if (seen.kind === 'look') hear(chain, seen.atMs)
    }
  }
  const problem = marks.problem()
  if (problem !== undefined) problems.add(`${basename(file)} is not whole`, problem)
  return chain
}

/** The observation in a line, `undefined` where it holds none. */
export function parse(text: string): Observation.Observation | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return observation.Check(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Reads the line of one block again, for evidence. */
export type Reader = (block: CanonicalBlock) => Promise<Observation.Block | undefined>

/** Remembers the block read last: ballots of one block are asked for one after the other. */
export function createReader(file: string): Reader {
  let last: { offsetBytes: number; observed: Observation.Block | undefined } | undefined
  return async ({ offsetBytes, sizeBytes }) => {
    if (last?.offsetBytes === offsetBytes) return last.observed
    const handle = await open(file, 'r')
    try {
      const buffer = Buffer.alloc(sizeBytes)
      await handle.read(buffer, 0, sizeBytes, offsetBytes)
      const seen = parse(buffer.toString('utf8'))
      const observed = seen?.kind === 'block' ? seen : undefined
      last = { offsetBytes, observed }
      return observed
    } finally {
      await handle.close()
    }
  }
}

/** Within a second one time stands for all: a day of hearing has 86,400. */
function hear({ heardAtMs }: CanonicalChain, atMs: number): void {
  if (Math.abs(atMs - (heardAtMs.at(-1) ?? -Infinity)) >= 1000) heardAtMs.push(atMs)
}

/** The longest time within a window in which the witness heard nothing from its node, in ms. */
export function silenceMsMax(
  { heardAtMs }: Pick<CanonicalChain, 'heardAtMs'>,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): number {
  const within = heardAtMs.filter((atMs) => atMs > fromMs && atMs < untilMs)
  const edges = [fromMs, ...within, untilMs].toSorted((left, right) => left - right)
  // Not spread into `Math.max`: a long run has more of them than a call takes arguments.
  return edges.reduce((longest, atMs, at) => Math.max(longest, atMs - (edges[at - 1] ?? atMs)), 0)
}

export function isFinal({ finalAtMs }: CanonicalBlock): boolean {
  return !Number.isNaN(finalAtMs)
}

function append(
  chain: CanonicalChain,
  block: Observation.Block,
  { offsetBytes, sizeBytes }: Line,
  problems: Problems,
): void {
  const { blocks } = chain
  const parent = blocks.at(-1)
  const isNext = parent === undefined || block.number === parent.number + 1
  if (!isNext || (parent !== undefined && block.parentHash !== parent.hash)) {
    problems.add('the witness saw a block that does not follow', `block ${block.number}`)
    // A gap would shift all heights; from here on nothing can be placed.
    if (!isNext) return
  }
  const { number, hash, parentHash, timestamp, seenAtMs, gasUsed, casts } = block
  const weight = { gasUsed, blockBytes: block.sizeBytes, castCount: casts.length }
  const seen = { number, hash, parentHash, timestamp, seenAtMs, finalAtMs: NaN }
  blocks.push({ ...seen, ...weight, offsetBytes, sizeBytes })
  hear(chain, seenAtMs)
}

function finalise(
  { blocks }: CanonicalChain,
  { number, hash, atMs }: Observation.Final,
  finalCount: number,
  problems: Problems,
): number {
  const count = number - (blocks[0]?.number ?? 0) + 1
  if (blocks[count - 1]?.hash !== hash) {
    problems.add('the witness called a block final that it had not read', `block ${number}`)
    return finalCount
  }
  for (const block of blocks.slice(finalCount, count)) block.finalAtMs = atMs
  return Math.max(finalCount, count)
}

function drop(chain: CanonicalChain, { number, depth }: Observation.Reorganisation): void {
  chain.reorgCount += 1
  chain.reorgDepthMax = Math.max(chain.reorgDepthMax, depth)
  const first = chain.blocks[0]?.number ?? 0
  const dropped = chain.blocks.splice(Math.max(0, number + 1 - first))
  for (const block of dropped) chain.undone.push(block)
}
