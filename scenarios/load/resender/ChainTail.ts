import { Type } from 'typebox'
import { Value } from 'typebox/value'

import * as JsonRpc from './JsonRpc.ts'

/** Follows the chain block by block, and notices blocks that vanish. */
export type ChainTail = {
  /** Reads the blocks since the last call, at most {@link BLOCKS_MAX}. */
  read(url: string, events: Events): Promise<void>
}

export type Events = {
  /** A block is on the chain. What it gives back is handed to `vanished` should the block go. */
  block(transactionHashes: readonly string[]): number[]
  /** A block is no longer on the chain. */
  vanished(ballots: readonly number[]): void
}

const BlockSchema = Type.Object({
  hash: Type.String(),
  parentHash: Type.String(),
  transactions: Type.Array(Type.String()),
})

/** Blocks read in one go. */
const BLOCKS_MAX = 50

/** How deep a reorganisation can be and still be undone here. */
const WINDOW_BLOCKS = 64

/** Begins with the chain's height at the first call. */
export function create(): ChainTail {
  const window: { number: number; hash: string; ballots: number[] }[] = []
  let next: number | undefined

  const readBlock = async (url: string, number: number, events: Events): Promise<boolean> => {
    const [block] = await JsonRpc.batch(url, [
      { method: 'eth_getBlockByNumber', params: [`0x${number.toString(16)}`, false] },
    ])
    if (!Value.Check(BlockSchema, block)) return false
    const last = window.at(-1)
    if (last !== undefined && last.hash !== block.parentHash) {
      window.pop()
      events.vanished(last.ballots)
      next = last.number
      return true
    }
    window.push({ number, hash: block.hash, ballots: events.block(block.transactions) })
    if (window.length > WINDOW_BLOCKS) window.shift()
    next = number + 1
    return true
  }

  return {
    async read(url, events) {
      const [result] = await JsonRpc.batch(url, [{ method: 'eth_blockNumber', params: [] }])
      if (typeof result !== 'string') return
      const height = Number(result)
      for (let count = 0; count < BLOCKS_MAX; count += 1) {
        next ??= height
        if (next > height || !(await readBlock(url, next, events))) return
      }
    },
  }
}
