import { setTimeout as sleep } from 'node:timers/promises'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'

export type Options = {
  /** JSON-RPC of all nodes: each must have come so far. */
  rpcUrls: readonly string[]
  height: number
  /** Longer than the longest pause between two blocks of a chain that is alive. */
  stallMs: number
}

const POLL_INTERVAL_MS = 100

/**
 * Waits until a chain has come to a height on every node.
 *
 * @throws {@link StallError} once no node has grown for `stallMs`.
 */
export async function awaitGrowth({ rpcUrls, height, stallMs }: Options): Promise<void> {
  let heights: number[] = []
  let stall = AbortSignal.timeout(stallMs)
  while (heights.length === 0 || Math.min(...heights) < height) {
    const next = await Promise.all(rpcUrls.map(readHeight))
    if (next.some((value, index) => value > (heights[index] ?? 0))) {
      stall = AbortSignal.timeout(stallMs)
    }
    heights = next
    if (stall.aborted) throw new StallError(heights, { height, stallMs })
    await sleep(POLL_INTERVAL_MS)
  }
}

/** Height of a node; 0 where it does not answer. */
export async function readHeight(url: string): Promise<number> {
  return Rpc.call(url, { method: 'eth_blockNumber' }, Rpc.Quantity).then(Number, () => 0)
}

/** The height of the chain does not grow. */
export class StallError extends BallotstormError {
  override readonly name = 'awaitGrowth.StallError'
  readonly code = 'NETWORK_STALLED'
  readonly exitCode = 107
  readonly remedy = 'See the logs of the validators.'
  constructor(heights: readonly number[], wanted: { height: number; stallMs: number }) {
    super(
      `The chain stood still for ${wanted.stallMs / 1000} s at the heights ${heights.join(', ')} ` +
        `on its way to ${wanted.height}.`,
    )
  }
}
