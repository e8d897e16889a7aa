import { apportion } from './apportion.ts'
import type { City } from './City.ts'
import * as Permutation from './Permutation.ts'
import * as Prng from './Prng.ts'

/**
 * How many take part in each of a city's polls, by poll index: a few popular polls, evenly spread
 * over the logarithm of their size, then the many that nobody talks about. In another order of
 * popularity, and with other sizes, under each seed. An electorate of another size than the model's
 * has polls smaller or larger in proportion.
 *
 * Memory: 8 bytes a poll.
 */
export function participants({ model, seed, size }: City): Float64Array {
  const { count, votes, popular, tailShape } = model.polls
  const draw = Prng.create(seed, 'popularity')
  const popularSizes = Array.from({ length: popular.count }, (_, rank) =>
    Math.round(popular.max * (popular.min / popular.max) ** positionOf(rank, popular.count, draw)),
  )
  const tailRanks = Array.from({ length: count - popular.count }, (_, rank) => rank + draw())
  const tailVotes = votes - popularSizes.reduce((sum, popularSize) => sum + popularSize, 0)
  const tau = decayOf(tailRanks, tailShape, tailVotes / popular.min)
  const weights = tailRanks.map((rank) => tailWeight(rank, tau, tailShape))
  const sizes = [...popularSizes, ...apportion(tailVotes, weights)]

  const ranks = Permutation.create(`${seed}/popularity`, count)
  return Float64Array.from({ length: count }, (_, poll) =>
    Math.min(size, Math.round(((sizes[ranks.forward(poll)] ?? 0) * size) / model.registered)),
  )
}

/** The polls from the most popular one down, as indexes into what {@link participants} returned. */
export function ranking(sizes: Float64Array): number[] {
  return [...sizes.keys()].toSorted((one, other) => (sizes[other] ?? 0) - (sizes[one] ?? 0))
}

/** One draw about each of equal steps from 0 to 1; the ends are where they are. */
function positionOf(rank: number, count: number, draw: Prng.Prng): number {
  const isEnd = rank === 0 || rank === count - 1
  const shift = isEnd ? 0 : draw() - 0.5
  return (rank + shift) / Math.max(1, count - 1)
}

function tailWeight(rank: number, tau: number, shape: number): number {
  return Math.exp(-((rank / tau) ** shape))
}

/** Halvings of the interval that holds τ: to the last bit of a double. */
const HALVING_COUNT = 64
const TAU_MAX = 1e12

/** The τ at which the weights of all ranks sum to `sum`, by halving its logarithm. */
function decayOf(ranks: readonly number[], shape: number, sum: number): number {
  let low = Math.log(1e-6)
  let high = Math.log(TAU_MAX)
  for (let step = 0; step < HALVING_COUNT; step += 1) {
    const middle = (low + high) / 2
    const tau = Math.exp(middle)
    const reached = ranks.reduce((total, rank) => total + tailWeight(rank, tau, shape), 0)
    if (reached < sum) low = middle
    else high = middle
  }
  return Math.exp(high)
}
