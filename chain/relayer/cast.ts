import * as BatchTransaction from './BatchTransaction.ts'
import type { Batch } from './Journal.ts'
import type { Parts, State } from './Parts.ts'

/**
 * A trickle is gathered this long into a batch; longer where blocks are so slow that the batches in
 * flight would be used up before the next block.
 */
const LINGER_MS = 200

/**
 * Casts ballots from the outbox until it is empty or enough batches are under way. Each step is
 * durable before the next: claim, sign, send, mark. A process that dies between any two leaves a
 * journal from which `resume` goes on.
 *
 * @param underWay - batches that are not in a block.
 * @returns the state, with the time of the last batch that was not filled.
 */
export async function cast(parts: Parts, state: State, underWay: readonly Batch[]): Promise<State> {
  const { limits, metrics } = parts
  const lingerMs = Math.max(LINGER_MS, limits.blockTimeMs / limits.batchesInFlightMax)
  if (parts.now() - state.partialClaimAtMs < lingerMs) return state
  // An earlier transaction that no node takes would hold up all later ones.
  if (underWay.some(({ state: step }) => step === 'signed')) return state
  const blockGasLimit = state.window.at(-1)?.gasLimit ?? 0
  const ballotsMax = Math.min(state.batchBallotsMax, BatchTransaction.ballotsMax(blockGasLimit))
  for (let count = underWay.length; count < limits.batchesInFlightMax; count += 1) {
    const claim = await metrics.time('claim', () => parts.journal.claim(ballotsMax))
    if (claim === undefined) break
    metrics.claimed(claim.ballots.length)
    const signed = await metrics.time('sign', () => sign(parts, state, { claim, blockGasLimit }))
    if (signed === undefined) continue
    if (!(await metrics.time('send', () => send(parts, signed)))) break
    await metrics.time('mark', () => parts.journal.markSent([claim.batchId]))
    metrics.batches('sent', 1)
    if (claim.ballots.length < ballotsMax) return { ...state, partialClaimAtMs: parts.now() }
  }
  return state
}

/** `undefined` where the claim ran out meanwhile: the ballots are somebody else's, the nonce is free. */
async function sign(
  { account, journal, metrics, log }: Parts,
  { nonceMin }: State,
  {
    claim,
    blockGasLimit,
  }: { claim: { batchId: number; ballots: BallotList }; blockGasLimit: number },
): Promise<BatchTransaction.Signed | undefined> {
  const nonce = Math.max(nonceMin, await journal.nextNonce())
  const signed = BatchTransaction.sign(account, claim.ballots, { nonce, blockGasLimit })
  if (await journal.markSigned(claim.batchId, signed)) {
    metrics.batches('signed', 1)
    return signed
  }
  log(`batch ${claim.batchId} was released before it was signed`)
  return undefined
}

type BallotList = Parameters<typeof BatchTransaction.sign>[1]

async function send({ chain, log }: Parts, signed: BatchTransaction.Signed): Promise<boolean> {
  const sent = await chain.send(signed.raw)
  if (!sent.accepted) log(`no node takes nonce ${signed.nonce} (${signed.hash}): ${sent.reason}`)
  return sent.accepted
}
