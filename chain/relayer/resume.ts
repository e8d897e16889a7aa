import type { Parts, State } from './Parts.ts'

/**
 * Takes up where the last process of this instance stopped, or this one lost its bearings: claims
 * that were never signed go back to the outbox, and the window begins at the lowest block that
 * holds one of our transactions, or at the head. Asks for receipts one by one; there are no more of
 * them than batches that are not over.
 */
export async function resume(parts: Parts): Promise<State> {
  const { journal, chain } = parts
  const released = await journal.releaseUnsigned()
  await journal.renewLeases()
  // The head first: what is mined after it is above it.
  const head = await chain.head()
  const batches = await journal.unfinished()
  let firstNumber = head.number
  const vanished: string[] = []
  for (const { transactionHash, blockHash } of batches) {
    if (transactionHash === undefined) continue
    const receipt = await chain.receipt(transactionHash)
    if (receipt !== undefined) firstNumber = Math.min(firstNumber, receipt.blockNumber)
    if (blockHash !== undefined && blockHash !== receipt?.blockHash) vanished.push(blockHash)
  }
  if (vanished.length > 0) await journal.markVanished(vanished)
  const nonceMin = await chain.transactionCount(parts.account.address)
  parts.log(
    `at work from block ${firstNumber}, nonce ${nonceMin}: ${batches.length} batches not over, ${released} claims released`,
  )
  return {
    window: [],
    firstNumber,
    nonceMin,
    batchBallotsMax: parts.limits.batchBallotsMax,
    partialClaimAtMs: Number.NEGATIVE_INFINITY,
    maintainedAtMs: Number.NEGATIVE_INFINITY,
    resendNotBeforeMs: Number.NEGATIVE_INFINITY,
    nonceGapSinceMs: undefined,
  }
}
