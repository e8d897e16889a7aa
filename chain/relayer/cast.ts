import type { Batch, Claim, Kept } from './Journal.ts'
import type { Parts, State } from './Parts.ts'
import * as Transaction from './Transaction.ts'

/**
 * A trickle is gathered this long into a batch; longer where blocks are so slow that the batches in
 * flight would be used up before the next block.
 */
const LINGER_MS = 200

/**
 * Ballots claimed at once: some 0.3 s of the database's time. They are sorted before they are cut
 * into batches, so that the more are claimed, the closer neighbours in a batch are.
 */
const ROUND_BALLOTS_MAX = 10_000

/** Transactions made at once: their statements share a commit, and so a sync to disk. */
const ROUND_BATCHES_MAX = 250

/**
 * Casts ballots from the outbox until it is empty or enough batches are under way. Each step is
 * durable before the next: claim, sign, send, mark. A process that dies between any two leaves a
 * journal from which `resume` goes on.
 *
 * @param underWay - batches that are not in a block.
 * @returns the state, with the time of the last batch that was not filled.
 */
export async function cast(parts: Parts, state: State, underWay: readonly Batch[]): Promise<State> {
  const { submitter, limits } = parts
  const blockGasLimit = state.window.at(-1)?.gasLimit ?? 0
  const inFlightMax = limits.batchesInFlightMax ?? submitter.batchesInFlightMax(blockGasLimit)
  const lingerMs = Math.max(LINGER_MS, limits.blockTimeMs / inFlightMax)
  if (parts.now() - state.partialClaimAtMs < lingerMs) return state
  // An earlier transaction that no node takes would hold up all later ones.
  if (underWay.some(({ state: step }) => step === 'signed')) return state
  const batchBallotsMax = Math.min(state.batchBallotsMax, submitter.ballotsFitting(blockGasLimit))
  const roundMax = Math.max(1, Math.floor(ROUND_BALLOTS_MAX / batchBallotsMax))
  const nonceMin = await lowestNonce(parts, state, underWay)
  for (let free = inFlightMax - underWay.length; free > 0;) {
    const batchesMax = Math.min(free, roundMax, ROUND_BATCHES_MAX)
    const claims = await claim(parts, { batchBallotsMax, batchesMax })
    if (claims.length === 0) break
    const signed = await sign(parts, claims, { nonceMin, blockGasLimit })
    if (!(await send(parts, signed))) break
    const ballotCount = claims.reduce((sum, { ballots }) => sum + ballots.length, 0)
    const isPartial = ballotCount < batchBallotsMax * batchesMax
    if (isPartial) return { ...state, partialClaimAtMs: parts.now() }
    free -= claims.length
  }
  return state
}

/**
 * Where nothing is under way, whoever else has the account's key may have used it: the owner of a
 * contract that carries too has opened its polls meanwhile.
 */
async function lowestNonce(
  { chain, account }: Parts,
  { nonceMin }: State,
  underWay: readonly Batch[],
): Promise<number> {
  if (underWay.length > 0) return nonceMin
  return Math.max(nonceMin, await chain.transactionCount(account.address))
}

async function claim(
  { journal, metrics }: Parts,
  size: { batchBallotsMax: number; batchesMax: number },
): Promise<Claim[]> {
  const claims = await metrics.time('claim', () => journal.claim(size))
  for (const { ballots } of claims) metrics.claimed(ballots.length)
  return claims
}

/** None where a claim ran out meanwhile: its ballots are somebody else's, the nonces are free. */
async function sign(
  { account, submitter, journal, metrics, log }: Parts,
  claims: readonly Claim[],
  { nonceMin, blockGasLimit }: { nonceMin: number; blockGasLimit: number },
): Promise<Kept[]> {
  return metrics.time('sign', async () => {
    const nonce = Math.max(nonceMin, await journal.nextNonce())
    const signed = claims.map(({ batchId, ballots }, index) => {
      const call = submitter.encode(ballots, blockGasLimit)
      return { batchId, ...Transaction.sign(account, call, nonce + index) }
    })
    if (await journal.markSigned(signed)) {
      metrics.batches('signed', signed.length)
      return signed
    }
    const released = await journal.releaseUnsigned()
    log(`a claim was released before it was signed; ${released} others go back with it`)
    return []
  })
}

/** @returns false where no node takes one of them: those after it wait for it. */
async function send({ chain, journal, metrics, log }: Parts, signed: Kept[]): Promise<boolean> {
  const answers = await metrics.time('send', () => chain.send(signed.map(({ raw }) => raw)))
  const refusedAt = answers.findIndex(({ accepted }) => !accepted)
  const taken = refusedAt === -1 ? signed : signed.slice(0, refusedAt)
  if (taken.length > 0) {
    await metrics.time('mark', () => journal.markSent(taken.map(({ batchId }) => batchId)))
    metrics.batches('sent', taken.length)
  }
  const refusal = answers[refusedAt]
  if (refusal === undefined || refusal.accepted) return true
  const { nonce = 0, hash = '' } = signed[refusedAt] ?? {}
  log(`no node takes nonce ${nonce} (${hash}): ${refusal.reason}`)
  return false
}
