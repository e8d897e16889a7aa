import * as Hash from './Hash.ts'
import * as Prng from './Prng.ts'

/** What each voter of a poll chooses: a function of seed, poll and voter. */
export type Preference = (voterIndex: number) => number

/**
 * The preference of a poll's voters. The options' shares are drawn from the seed (uniform over all
 * splits), so that totals differ and a swap of two choices can be told from the truth.
 *
 * @param optionCount - 1 to 255.
 * @returns the index of the chosen option.
 */
export function create(seed: string, pollId: number, optionCount: number): Preference {
  const bounds = upperBounds(Prng.create(seed, `preference/${pollId}`), optionCount)
  const hash = Hash.create(seed, `preference/${pollId}`)
  return (voterIndex) => {
    const share = Hash.toUniform(hash(voterIndex, 0))
    const choice = bounds.findIndex((bound) => share < bound)
    return choice === -1 ? optionCount - 1 : choice
  }
}

/** Exponential weights, normed, make a uniform split; the last bound is 1 but for rounding. */
function upperBounds(draw: Prng.Prng, optionCount: number): number[] {
  const weights = Array.from({ length: optionCount }, () => -Math.log(1 - draw()))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let bound = 0
  return weights.map((weight) => (bound += weight / total))
}
