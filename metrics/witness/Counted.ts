import type { Executed, Reading } from '../contracts/Decoder.ts'
import type { Cast, Contradiction, Skip } from './Observation.ts'
import type { RawBlock } from './RawBlock.ts'

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

/**
 * The transactions of a block with their events, as decoders take them. One that a node tells events
 * of and does not show stands at the end, without calldata.
 */
export function executedIn({ transactions, logs }: RawBlock): Executed[] {
  const byTransaction = Map.groupBy(logs, ({ transactionHash }) => transactionHash)
  const shown = transactions.map(({ hash, to, input }) => {
    const own = byTransaction.get(hash) ?? []
    byTransaction.delete(hash)
    return { hash, to, input, logs: own }
  })
  const hidden = [...byTransaction].map(([hash, own]) => ({ hash, input: '0x', logs: own }))
  return [...shown, ...hidden]
}
