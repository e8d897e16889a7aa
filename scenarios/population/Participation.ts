import type { Strata } from './Strata.ts'

/**
 * The share of each stratum that takes part in a poll of `participants`: 1 − exp(−λ · weight), with
 * λ such that they sum to the poll. While polls are small the keen vote in proportion to their
 * habit; in a large poll their share comes near to all, and the others must make up the number.
 */
export function shares({ list }: Strata, participants: number): Float64Array {
  const voters = list.reduce((sum, { size }) => sum + size, 0)
  if (participants >= voters) return new Float64Array(list.length).fill(1)
  const lambda = intensity(list, participants)
  return Float64Array.from(list, ({ weight }) => -Math.expm1(-lambda * weight))
}

/** Newton's steps at most; a handful do unless nearly everybody votes. */
const STEP_COUNT_MAX = 200

/** Votes by which the sum may miss: `apportion` deals with what is less than one. */
const TOLERANCE_VOTES = 1e-3

/** The expected votes are concave in λ, so that Newton's steps from 0 climb and never overshoot. */
function intensity(list: Strata['list'], participants: number): number {
  let lambda = 0
  for (let step = 0; step < STEP_COUNT_MAX; step += 1) {
    let votes = 0
    let slope = 0
    for (const { size, weight } of list) {
      const staying = size * Math.exp(-lambda * weight)
      votes += size - staying
      slope += staying * weight
    }
    const missing = participants - votes
    if (Math.abs(missing) < TOLERANCE_VOTES) break
    lambda += missing / slope
  }
  return lambda
}
