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

/** A number of the chain; what no ballot can name becomes the greatest, so that it is seen as alien. */
export function numberOf(value: string | number | bigint | undefined): number {
  const number = Number(value)
  return Number.isSafeInteger(number) && number >= 0 ? number : Number.MAX_SAFE_INTEGER
}
