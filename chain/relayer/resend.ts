import type { Batch } from './Journal.ts'
import type { Parts, State } from './Parts.ts'

/** A transaction that is in no block after this many block times is given to a node again. */
const PATIENCE_BLOCKS = 8
/** Networks with very short blocks still need time to gossip and to change the proposer. */
const PATIENCE_MS_MIN = 2000

/** Transactions sent again in one go, for each under way: all of them, and as many that fill a gap. */
const RESENT_PER_UNDER_WAY = 2
/** After a restart few may be under way, and many to fill a gap. */
const RESENT_MIN = 32

/** A full pool needs a block or so to empty. */
const REFUSED_PAUSE_MS = 1000

/**
 * Gives transactions to a node again, verbatim and in nonce order, from the lowest that the chain
 * lacks: what was signed and perhaps never sent, what a pool has lost, and what fills a gap before
 * it (of a batch whose ballots were released: the nonce is still ours to use).
 *
 * @param underWay - batches that are not in a block.
 * @param isDue - sends again without patience, as after a reorganisation.
 * @returns the state; `undefined` where a transaction was mined and the window has missed it.
 */
export async function resend(
  parts: Parts,
  state: State,
  { underWay, isDue }: { underWay: readonly Batch[]; isDue: boolean },
): Promise<State | undefined> {
  const patienceMs = Math.max(PATIENCE_MS_MIN, PATIENCE_BLOCKS * parts.limits.blockTimeMs)
  const stale = underWay.filter(({ ageMs }) => ageMs > patienceMs)
  const unsent = underWay.filter((batch) => batch.state === 'signed')
  const isQuiet = !isDue && stale.length === 0 && unsent.length === 0
  if (isQuiet) return { ...state, nonceGapSinceMs: undefined }
  if (parts.now() < state.resendNotBeforeMs) return state

  const missing = await parts.chain.transactionCount(parts.account.address)
  const used = stale.filter(({ nonce }) => nonce !== undefined && nonce < missing)
  if (!(await release(parts, state, used))) return undefined

  const countMax = Math.max(RESENT_MIN, RESENT_PER_UNDER_WAY * underWay.length)
  const transactions = await parts.journal.transactionsFrom(missing, countMax)
  const isTaken = await sendInOrder(parts, transactions)
  const hasGap = transactions[0] !== undefined && transactions[0].nonce > missing
  if (hasGap) parts.log(`nonce ${missing} is missing on the chain and in the journal`)
  return {
    ...state,
    resendNotBeforeMs: isTaken ? state.resendNotBeforeMs : parts.now() + REFUSED_PAUSE_MS,
    nonceGapSinceMs: hasGap ? (state.nonceGapSinceMs ?? parts.now()) : undefined,
  }
}

/** What comes after one that no node takes could not be mined yet: it counts as not sent. */
async function sendInOrder(
  { chain, journal, metrics, log }: Parts,
  transactions: readonly { batchId: number; nonce: number; raw: Uint8Array }[],
): Promise<boolean> {
  const answers = await chain.send(transactions.map(({ raw }) => raw))
  const refusedAt = answers.findIndex(({ accepted }) => !accepted)
  const taken = refusedAt === -1 ? transactions : transactions.slice(0, refusedAt)
  if (taken.length > 0) {
    await journal.markSent(taken.map(({ batchId }) => batchId))
    metrics.resent(taken.length)
    log(`sent ${taken.length} transactions again, from nonce ${taken[0]?.nonce ?? 0} on`)
  }
  const refusal = answers[refusedAt]
  if (refusal === undefined || refusal.accepted) return true
  log(`no node takes nonce ${transactions[refusedAt]?.nonce ?? 0} again: ${refusal.reason}`)
  return false
}

/**
 * Batches whose nonce the chain has used, and that we have not seen in a block: either the window
 * missed them, or another transaction took the nonce (somebody else has our key, or the journal was
 * restored from an old copy). Then the ballots are cast anew.
 *
 * @returns false where the window must be taken anew.
 */
async function release(parts: Parts, state: State, used: readonly Batch[]): Promise<boolean> {
  const topNumber = state.window.at(-1)?.number ?? 0
  for (const { batchId, nonce, transactionHash } of used) {
    const receipt = await parts.chain.receipt(transactionHash ?? '')
    if (receipt === undefined) {
      parts.log(`another transaction took nonce ${nonce}: the ballots of batch ${batchId} go back`)
      await parts.journal.release([batchId])
      parts.metrics.batches('released', 1)
    } else if (receipt.blockNumber <= topNumber) return false
  }
  return true
}
