import type { Batch } from './Journal.ts'
import type { Parts, State } from './Parts.ts'

/** A transaction that is in no block after this many block times is given to a node again. */
const PATIENCE_BLOCKS = 4
/** Networks with very short blocks still need time to gossip and to change the proposer. */
const PATIENCE_MS_MIN = 2000

/** Transactions sent again in one go: all that can be in flight, and as many that fill a gap. */
const RESEND_MAX = 32

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

  const transactions = await parts.journal.transactionsFrom(missing, RESEND_MAX)
  const isTaken = await sendInOrder(parts, transactions)
  const hasGap = transactions[0] !== undefined && transactions[0].nonce > missing
  if (hasGap) parts.log(`nonce ${missing} is missing on the chain and in the journal`)
  return {
    ...state,
    resendNotBeforeMs: isTaken ? state.resendNotBeforeMs : parts.now() + REFUSED_PAUSE_MS,
    nonceGapSinceMs: hasGap ? (state.nonceGapSinceMs ?? parts.now()) : undefined,
  }
}

/** Stops at the first that no node takes: what comes after it could not be mined. */
async function sendInOrder(
  { chain, journal, metrics, log }: Parts,
  transactions: readonly { batchId: number; nonce: number; raw: Uint8Array }[],
): Promise<boolean> {
  const batchIds: number[] = []
  let refusal: string | undefined
  for (const { batchId, nonce, raw } of transactions) {
    const answer = await chain.send(raw)
    if (answer.accepted) batchIds.push(batchId)
    else refusal = `no node takes nonce ${nonce} again: ${answer.reason}`
    if (refusal !== undefined) break
  }
  if (batchIds.length > 0) {
    await journal.markSent(batchIds)
    metrics.resent(batchIds.length)
    log(`sent ${batchIds.length} transactions again, from nonce ${transactions[0]?.nonce ?? 0} on`)
  }
  if (refusal !== undefined) log(refusal)
  return refusal === undefined
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
