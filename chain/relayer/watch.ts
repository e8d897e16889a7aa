import * as BatchTransaction from './BatchTransaction.ts'
import type { Block } from './Chain.ts'
import * as Journal from './Journal.ts'
import * as Outcome from './Outcome.ts'
import type { Parts, State } from './Parts.ts'
import * as Window from './Window.ts'

/** The contract's reason for a ballot whose voter has voted. */
const ALREADY_VOTED = 7

/** Released transactions that are searched for a ballot, about 30 KiB each. */
const RELEASED_MAX = 256

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
  const here = new Set(block.transactions)
  const ours = (await parts.journal.unfinished()).filter(
    ({ transactionHash, blockHash }) =>
      transactionHash !== undefined && here.has(transactionHash) && blockHash !== block.hash,
  )
  if (ours.length === 0) return batchBallotsMax
  const outcomes = Outcome.read(await parts.chain.logs(block.hash))
  let ballotsMax = batchBallotsMax
  for (const { batchId, nonce = 0, transactionHash = '' } of ours) {
    const counted = outcomes.get(transactionHash)
    const outcome = counted ?? (await thrownBack(parts, nonce))
    const skips = counted === undefined ? outcome.skips : await withoutCounted(parts, counted.skips)
    await parts.journal.markIncluded({
      batchId,
      blockNumber: block.number,
      blockHash: block.hash,
      skips,
    })
    parts.metrics.included(outcome.ballotCount, skips)
    if (counted !== undefined) {
      ballotsMax = Math.min(parts.limits.batchBallotsMax, ballotsMax * 2)
      continue
    }
    ballotsMax = Math.max(1, Math.floor(outcome.ballotCount / 2))
    parts.log(
      `batch ${batchId} of ${outcome.ballotCount} ballots was thrown back whole in block ${block.number}`,
    )
  }
  return ballotsMax
}

/** The outcome of a batch without events: what was in it, with our own reason for each ballot. */
async function thrownBack(parts: Parts, nonce: number): Promise<Outcome.Outcome> {
  const [transaction] = await parts.journal.transactionsFrom(nonce, 1)
  const ballots = transaction === undefined ? [] : BatchTransaction.decode(transaction.raw).ballots
  const skips = ballots.map(({ pollId, voterIndex }) => ({
    pollId,
    voterIndex,
    reason: Journal.REVERTED,
  }))
  return { ballotCount: ballots.length, skips }
}

/**
 * "Already voted" says nothing against a ballot that a released batch brought to the chain before
 * this one: then the ballot counts, and being in this block too only dates it later. It is a
 * refusal where no batch of ours did, so the voter must have voted in another way.
 */
async function withoutCounted(
  parts: Parts,
  skips: readonly Journal.Skip[],
): Promise<Journal.Skip[]> {
  const doubtful = new Set(skips.filter(({ reason }) => reason === ALREADY_VOTED).map(keyOf))
  if (doubtful.size === 0) return [...skips]
  const counted = new Set<string>()
  for (const raw of await parts.journal.releasedTransactions(RELEASED_MAX)) {
    const { hash, ballots } = BatchTransaction.decode(raw)
    const shared = ballots.map(keyOf).filter((key) => doubtful.has(key))
    if (shared.length === 0) continue
    const receipt = await parts.chain.receipt(hash)
    const outcome = receipt === undefined ? undefined : Outcome.read(receipt.logs).get(hash)
    if (outcome === undefined) continue
    const refused = new Set(outcome.skips.map(keyOf))
    for (const key of shared) if (!refused.has(key)) counted.add(key)
  }
  return skips.filter((skip) => skip.reason !== ALREADY_VOTED || !counted.has(keyOf(skip)))
}

function keyOf({ pollId, voterIndex }: { pollId: number; voterIndex: number }): string {
  return `${pollId}/${voterIndex}`
}
