import type { Block, Chain } from './Chain.ts'

/**
 * The last blocks that were read, each the parent of the next. A block that was read may vanish at
 * any time; the window is how that is noticed.
 */
export type Window = readonly Block[]

/** What happened to the chain since the window was taken. */
export type Progress = {
  window: Window
  /** Blocks of the old window that are not part of the chain any more, the newest first. */
  dropped: readonly Block[]
  /** New blocks in order. */
  added: readonly Block[]
  /** Whether the window has reached the node's head. */
  caughtUp: boolean
}

/**
 * Blocks kept, about 100 bytes each and 66 for each transaction. A reorganisation that reaches
 * further back empties the window.
 */
const LENGTH_MAX = 256

/** Blocks read in one go after an outage, so that other steps get their turn in between. */
const READS_MAX = 32

/**
 * Follows the chain from the window to the node's head. Assumes nothing about heights: a head that
 * is lower than before is a node that lags, if it is in the window, and another chain if not.
 *
 * @param firstNumber - where an empty window begins; its height must exist or come to exist.
 */
export async function advance(
  chain: Pick<Chain, 'head' | 'block'>,
  window: Window,
  firstNumber: number,
): Promise<Progress> {
  const head = await chain.head()
  const blocks = [...window]
  const dropped: Block[] = []
  const added: Block[] = []
  for (let reads = 0; reads < READS_MAX; reads += 1) {
    const top = blocks.at(-1)
    if (top !== undefined && top.number >= head.number) {
      if (blocks.some(({ hash }) => hash === head.hash)) break
      drop(blocks, dropped, added)
      continue
    }
    if (top === undefined && dropped.length > 0) break
    const number = top === undefined ? firstNumber : top.number + 1
    const next = number === head.number ? head : await chain.block(number)
    if (next === undefined) break
    if (top !== undefined && next.parentHash !== top.hash) {
      drop(blocks, dropped, added)
      continue
    }
    blocks.push(next)
    added.push(next)
  }
  const caughtUp = blocks.some(({ hash }) => hash === head.hash)
  return { window: blocks.slice(-LENGTH_MAX), dropped, added, caughtUp }
}

/** A block that came and went within one call never was, as far as others are concerned. */
function drop(blocks: Block[], dropped: Block[], added: Block[]): void {
  const top = blocks.pop()
  if (top === undefined) return
  if (added.at(-1)?.hash === top.hash) added.pop()
  else dropped.push(top)
}
