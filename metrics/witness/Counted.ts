import type { CheckedBlock } from '../blocks/CheckedBlock.ts'
import * as TransactionReceipt from '../ethereum/TransactionReceipt.ts'
import type { Executed, Reading } from '../contracts/Decoder.ts'
import type { Cast, Contradiction, Skip } from './Observation.ts'

/** What the chain counted in a block, in the form of an observation. */
export type Counted = {
  /** Hashes of the transactions that counted or skipped ballots, or contradict themselves. */
  transactions: string[]
  casts: Cast[]
  skips: Skip[]
  contradictions: Contradiction[]
}

export function nothing(): Counted {
  return { transactions: [], casts: [], skips: [], contradictions: [] }
}

/** What a decoder read, in the form of an observation. */
export function of({ transactions, ballots, contradictions }: Reading): Counted {
  const counted: Counted = { ...nothing(), transactions, contradictions }
  for (const { pollId, voterIndex, choice, skipReason, transaction } of ballots) {
    if (skipReason === 0) counted.casts.push([pollId, voterIndex, choice, transaction])
    else counted.skips.push([pollId, voterIndex, transaction, skipReason])
  }
  return counted
}

/** The transactions of a block that were not reverted, with their events, as decoders take them. */
export function executedIn({ mined }: Pick<CheckedBlock, 'mined'>): Executed[] {
  return mined
    .filter(({ receipt }) => TransactionReceipt.isDone(receipt))
    .map(({ transaction: { hash, to, input }, receipt: { logs } }) => ({ hash, to, input, logs }))
}
