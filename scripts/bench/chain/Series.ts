import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'
import * as LineTail from '../../../scenarios/runtime/LineTail.ts'

/** What one block brought, by the witness's word. */
export type Block = {
  number: number
  /** Unix milliseconds at which the witness had the whole block. */
  seenAtMs: number
  /** Ballots counted in it. */
  ballots: number
  /** Ballots that the contract skipped in it. */
  skipped: number
  gasUsed: number
}

/** The blocks of a chain as a witness's file tells them, growing with the file. */
export type Series = {
  /**
   * Reads what was added to the file.
   *
   * @throws {LyingNodeError} where a node showed the witness a block that does not hold.
   */
  read(): void
  /** All blocks so far, lowest first; the same array each time. */
  blocks: readonly Block[]
  /** Ballots counted so far. */
  ballots(): number
  close(): void
}

/** What was mined between two blocks: the first one's ballots do not count, the last one's do. */
export type Window = { ballots: number; durationS: number; blocks: number; gas: number }

/** Follows the observations of a witness; the file need not be there yet. */
export function follow(file: string): Series {
  const blocks: Block[] = []
  let total = 0
  const tail = LineTail.open(file)
  return {
    read() {
      for (const line of tail.readAll()) {
        refuseLies(line)
        const block = parse(line)
        if (block === undefined) continue
        blocks.push(block)
        total += block.ballots
      }
    },
    blocks,
    ballots: () => total,
    close: () => tail.close(),
  }
}

/** A line of the witness as a block; `undefined` where it tells something else. */
export function parse(line: string): Block | undefined {
  if (!line.startsWith('{"kind":"block"')) return undefined
  const value: unknown = JSON.parse(line)
  if (!isBlockLine(value)) return undefined
  const { number, seenAtMs, casts, skips, gasUsed } = value
  return { number, seenAtMs, ballots: casts.length, skipped: skips.length, gasUsed }
}

/**
 * What was mined in the blocks from `first` to `last` (places in `blocks`), the interval before
 * `first` left out: a rate needs the block that begins the time as well as the one that ends it.
 */
export function between(blocks: readonly Block[], first: number, last: number): Window {
  const inside = blocks.slice(first + 1, last + 1)
  const [beginMs, endMs] = [blocks[first]?.seenAtMs, blocks[last]?.seenAtMs]
  return {
    ballots: inside.reduce((sum, { ballots }) => sum + ballots, 0),
    gas: inside.reduce((sum, { gasUsed }) => sum + gasUsed, 0),
    durationS: ((endMs ?? Number.NaN) - (beginMs ?? Number.NaN)) / 1000,
    blocks: inside.length,
  }
}

/** What was measured on a network with such a node is no figure, even where the witness knew better. */
function refuseLies(line: string): void {
  if (!line.startsWith('{"kind":"fault"')) return
  const fault: unknown = JSON.parse(line)
  if (isFaultLine(fault) && fault.isCheckable) throw new LyingNodeError(fault)
}

type FaultLine = { number: number; rpcUrl: string; faults: string[]; isCheckable: boolean }

function isFaultLine(value: unknown): value is FaultLine {
  return typeof value === 'object' && value !== null && 'faults' in value && 'rpcUrl' in value
}

/** A node of the benchmark's network showed a block that does not hold. */
export class LyingNodeError extends BallotstormError {
  override readonly name = 'Series.LyingNodeError'
  readonly code = 'BENCH_NODE_LIES'
  readonly exitCode = 107
  readonly remedy = 'Find out what stands between the benchmark and its nodes, and repeat it.'
  constructor({ number, rpcUrl, faults }: Pick<FaultLine, 'number' | 'rpcUrl' | 'faults'>) {
    const node = new URL(rpcUrl).host
    super(`Block ${number} as ${node} shows it does not hold: ${faults.join('; ')}.`)
  }
}

type BlockLine = {
  number: number
  seenAtMs: number
  casts: unknown[]
  skips: unknown[]
  gasUsed: number
}

function isBlockLine(value: unknown): value is BlockLine {
  if (typeof value !== 'object' || value === null) return false
  return 'casts' in value && 'skips' in value && 'seenAtMs' in value && 'gasUsed' in value
}
