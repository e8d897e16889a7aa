import type { City } from './City.ts'
import * as CityOf from './City.ts'
import * as Hash from './Hash.ts'
import * as Prng from './Prng.ts'
import * as Strata from './Strata.ts'

/**
 * What the voters of a poll choose. The options differ in favour over the whole city, and each gains
 * in a direction of its own (as `geography` of the model says how much), so that neighbouring
 * districts vote alike and far ones need not.
 */
export type Opinion = {
  /** Share of each option in each district; each row sums to 1. */
  districtShares: readonly Float64Array[]
  /** The option that a voter chooses: a function of seed, poll and voter. */
  choiceOf(voterIndex: number): number
}

/**
 * The opinion on one poll.
 *
 * @param optionCount - 1 to 255.
 */
export function create(
  city: City,
  { pollId, optionCount }: { pollId: number; optionCount: number },
): Opinion {
  const { model, seed, strata } = city
  const draw = Prng.create(seed, `opinion/${pollId}`)
  // Exponential weights, normed, are a uniform split of the city.
  const options = Array.from({ length: optionCount }, () => ({
    favour: -Math.log(1 - draw()),
    direction: 2 * Math.PI * draw(),
  }))
  const radiusKm = Math.max(1, ...model.districts.map(distanceKm))
  const districtShares = model.districts.map(({ eastKm, northKm }) => {
    const weights = Float64Array.from(options, ({ favour, direction }) => {
      const alongKm = eastKm * Math.cos(direction) + northKm * Math.sin(direction)
      return favour * Math.exp((model.geography * alongKm) / radiusKm)
    })
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return weights.map((weight) => weight / total)
  })
  const hash = Hash.create(seed, `choice/${pollId}`)
  return {
    districtShares,
    choiceOf(voterIndex) {
      const { district } = Strata.at(strata, CityOf.placeOf(city, voterIndex).stratum)
      return pick(districtShares[district] ?? [], Hash.toUniform(hash(voterIndex, 0)))
    },
  }
}

function distanceKm({ eastKm, northKm }: { eastKm: number; northKm: number }): number {
  return Math.hypot(eastKm, northKm)
}

/** The index at which the running sum of shares passes `draw`. */
function pick(shares: ArrayLike<number>, draw: number): number {
  let bound = 0
  for (let index = 0; index < shares.length - 1; index += 1) {
    bound += shares[index] ?? 0
    if (draw < bound) return index
  }
  return shares.length - 1
}
