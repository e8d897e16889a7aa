import * as LegacyTransaction from '../../scenarios/ballots/LegacyTransaction.ts'
import type { Block } from './Chain.ts'
import * as Journal from './Journal.ts'
import type { BatchResult } from './submitters/BatchSubmitter.ts'
import type { Parts, State } from './Parts.ts'
import * as Window from './Window.ts'

/**
 * Follows the chain: blocks that vanished first, then new ones. Reads per block, never per
 * transaction; a block without a transaction of ours costs one request.
 *
 * @returns the new state, whether batches are in no block any more, and whether the head is
 * reached. The state is to be kept only when this resolves: after an error the same blocks are read
 * again.
 */
export async function watch(
  parts: Parts,
  state: State,
): Promise<{ state: State; hasVanished: boolean; isLost: boolean; caughtUp: boolean }> {
  const progress = await Window.advance(parts.chain, state.window, state.firstNumber)
  const vanished = await forget(parts, progress.dropped)
  let { batchBallotsMax } = state
  for (const block of progress.added) batchBallotsMax = await include(parts, block, batchBallotsMax)
  return {
    state: { ...state, window: progress.window, batchBallotsMax },
    hasVanished: vanished > 0,
    isLost: progress.window.length === 0 && progress.dropped.length > 0,
    caughtUp: progress.caughtUp,
  }
}

async function forget(parts: Parts, dropped: readonly Block[]): Promise<number> {
  if (dropped.length === 0) return 0
  const batchIds = await parts.journal.markVanished(dropped.map(({ hash }) => hash))
  parts.metrics.reorganised(dropped.length)
  parts.metrics.batches('vanished', batchIds.length)
  parts.log(`${dropped.length} blocks vanished, and ${batchIds.length} of our batches with them`)
  return batchIds.length
}

/** Notes which of our batches the block holds. @returns ballots to put into a batch from now on. */
async function include(parts: Parts, block: Block, batchBallotsMax: number): Promise<number> {
  if (block.transactions.length === 0) return batchBallotsMax
  const { journal, chain, submitter, metrics, limits, log } = parts
  const here = new Set(block.transactions)
  const mined = (await journal.unfinished()).flatMap(({ batchId, transactionHash, blockHash }) =>
    transactionHash !== undefined && here.has(transactionHash) && blockHash !== block.hash
      ? [{ batchId, transactionHash }]
      : [],
  )
  if (mined.length === 0) return batchBallotsMax
  const outcomes = await submitter.judge({ chain, journal }, block, mined)
  const batches: { batchId: number; isReverted: boolean; outcome: BatchResult }[] = []
  for (const { batchId, transactionHash } of mined) {
    const counted = outcomes.get(transactionHash)
    const outcome = counted ?? (await resultOfReverted(parts, batchId))
    batches.push({ batchId, isReverted: counted === undefined, outcome })
  }
  await journal.markIncluded({
    blockNumber: block.number,
    blockHash: block.hash,
    batches: batches.map(({ outcome, ...batch }) => ({ ...batch, skips: outcome.skips })),
  })
  let ballotsMax = batchBallotsMax
  for (const { batchId, isReverted, outcome } of batches) {
    const { ballotCount, skips } = outcome
    metrics.included(ballotCount, skips)
    ballotsMax = isReverted
      ? Math.max(1, Math.floor(ballotCount / 2))
      : Math.min(limits.batchBallotsMax, ballotsMax * 2)
    if (isReverted) {
      log(`batch ${batchId} of ${ballotCount} ballots was reverted whole in block ${block.number}`)
    }
  }
  return ballotsMax
}

/** The outcome of a batch without events: what was in it, with our own reason for each ballot. */
async function resultOfReverted(
  { journal, submitter }: Parts,
  batchId: number,
): Promise<BatchResult> {
  const [transaction] = await journal.transactions([batchId])
  const ballots =
    transaction === undefined ? [] : submitter.decode(LegacyTransaction.decode(transaction.raw))
  const skips = ballots.map(({ pollId, voterIndex }) => ({
    pollId,
    voterIndex,
    reason: Journal.REVERTED,
  }))
  return { ballotCount: ballots.length, skips }
}
