import { setTimeout as sleep } from 'node:timers/promises'

import { Type } from 'typebox'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'

/** How far a network has come. */
type State = {
  /** Peers of each node, in the order of the URLs. */
  peerCounts: number[]
  height: number
  proposers: Set<string>
}

export type Options = {
  /** JSON-RPC of all nodes; each must see all the others. */
  rpcUrls: readonly string[]
  observerUrl: string
  validatorCount: number
  timeoutMs: number
}

const POLL_INTERVAL_MS = 100

/**
 * Waits until a network works: all nodes peered, the height grows, and at least a quorum of
 * different validators has proposed a block.
 *
 * @throws {@link NoQuorumError} that says what is missing.
 */
export async function awaitQuorum(options: Options): Promise<void> {
  const { rpcUrls, validatorCount, timeoutMs } = options
  const signal = AbortSignal.timeout(timeoutMs)
  const state: State = { peerCounts: [], height: 0, proposers: new Set() }
  const isReady = (): boolean =>
    state.peerCounts.length === rpcUrls.length &&
    state.peerCounts.every((count) => count === rpcUrls.length - 1) &&
    state.height > 0 &&
    state.proposers.size >= quorum(validatorCount)
  let lastError: unknown
  while (!isReady()) {
    if (signal.aborted) throw new NoQuorumError(options, state, lastError)
    try {
      await readState(options, state)
    } catch (error) {
      // A node that starts refuses connections; the deadline tells that from one that is dead.
      lastError = error
    }
    await sleep(POLL_INTERVAL_MS)
  }
}

/** Votes that a block needs: two thirds, rounded up. */
export function quorum(validatorCount: number): number {
  return Math.ceil((2 * validatorCount) / 3)
}

async function readState({ rpcUrls, observerUrl }: Options, state: State): Promise<void> {
  state.peerCounts = await Promise.all(
    rpcUrls.map(async (url) =>
      Number(await Rpc.call(url, { method: 'net_peerCount' }, Rpc.Quantity)),
    ),
  )
  const head = Number(await Rpc.call(observerUrl, { method: 'eth_blockNumber' }, Rpc.Quantity))
  while (state.height < head) {
    const params = [`0x${(state.height + 1).toString(16)}`, false]
    const schema = Type.Union([Rpc.Block, Type.Null()])
    const block = await Rpc.call(observerUrl, { method: 'eth_getBlockByNumber', params }, schema)
    if (block === null) return
    state.height += 1
    state.proposers.add(block.miner.toLowerCase())
  }
}

/** Too few validators have connected and proposed blocks in time. */
export class NoQuorumError extends BallotstormError {
  override readonly name = 'awaitQuorum.NoQuorumError'
  readonly code = 'NETWORK_NO_QUORUM'
  readonly exitCode = 107
  readonly remedy = 'See the logs of the validators; on a busy machine, try again when it is quiet.'
  constructor(options: Options, { peerCounts, height, proposers }: State, cause: unknown) {
    const { rpcUrls, validatorCount, timeoutMs } = options
    const needed = quorum(validatorCount)
    super(
      `The network was not ready within ${timeoutMs / 1000} s: ` +
        `peers ${peerCounts.join(', ') || 'unknown'} (each node needs ${rpcUrls.length - 1}), ` +
        `height ${height}, ${proposers.size} of at least ${needed} validators have proposed.`,
      { cause },
    )
  }
}
