import type { CityModel } from '../population/CityModel.ts'
import * as DayCurve from '../population/DayCurve.ts'
import * as Participation from '../population/Participation.ts'
import * as Strata from '../population/Strata.ts'

/** What a city model says of a voter's number of polls. */
export type PerVoter = { mean: number; variance: number }

/**
 * Mean and variance of the number of polls a voter takes part in, over all voters, from the model's
 * own shares: chance inside of the strata, and the difference of habits between them.
 *
 * @param pollSizes - participants of each poll.
 * @param size - voters of the city.
 */
export function perVoter(model: CityModel, pollSizes: readonly number[], size: number): PerVoter {
  const strata = Strata.create(model, size)
  const means = new Float64Array(strata.list.length)
  const variances = new Float64Array(strata.list.length)
  for (const pollSize of pollSizes) {
    for (const [stratum, share] of Participation.shares(strata, pollSize).entries()) {
      means[stratum] = (means[stratum] ?? 0) + share
      variances[stratum] = (variances[stratum] ?? 0) + share * (1 - share)
    }
  }
  const averageOf = (value: (stratum: number) => number): number =>
    strata.list.reduce((sum, stratum, index) => sum + stratum.size * value(index), 0) / size
  const mean = averageOf((stratum) => means[stratum] ?? 0)
  const variance = averageOf(
    (stratum) => (variances[stratum] ?? 0) + ((means[stratum] ?? 0) - mean) ** 2,
  )
  return { mean, variance }
}

/** Votes of each district in polls of the given sizes, together. */
export function votesByDistrict(
  model: CityModel,
  pollSizes: readonly number[],
  size: number,
): Float64Array {
  const strata = Strata.create(model, size)
  const votes = new Float64Array(model.districts.length)
  for (const pollSize of pollSizes) {
    const shares = Participation.shares(strata, pollSize)
    for (const [index, { district, size: voters }] of strata.list.entries()) {
      votes[district] = (votes[district] ?? 0) + voters * (shares[index] ?? 0)
    }
  }
  return votes
}

/** Ballots of each minute of a day of `ballots`. */
export function perMinute({ day }: CityModel, ballots: number): Float64Array {
  return DayCurve.minuteShares(DayCurve.create(day)).map((share) => share * ballots)
}
