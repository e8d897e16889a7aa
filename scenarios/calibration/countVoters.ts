import type { City } from '../population/City.ts'
import * as CityOf from '../population/City.ts'
import * as ChiSquared from './ChiSquared.ts'

/** What walking through all voters of a city found. */
export type VoterCount = {
  enumerated: number
  /** Different places in the layout that they hold. */
  distinct: number
  /** Voters whose stratum and number in it did not lead back to them. */
  misplacedCount: number
  /** Voters by stratum among the first {@link VoterCount.firstCount}: chance, since the layout is shuffled. */
  firstByStratum: Float64Array
  firstCount: number
}

/** The share of the voters that counts as the first: half leaves room for chance. */
const FIRST_SHARE = 0.5

/** Asks each voter for the stratum, and each stratum for the voter. 1 byte a voter. */
export function countVoters(city: City): VoterCount {
  const { size, strata } = city
  const seen = new Uint8Array(size)
  const firstCount = Math.floor(size * FIRST_SHARE)
  const firstByStratum = new Float64Array(strata.list.length)
  let [distinct, misplacedCount] = [0, 0]
  for (let index = 0; index < size; index += 1) {
    const { stratum, offset } = CityOf.placeOf(city, index)
    if (CityOf.voterAt(city, stratum, offset) !== index) misplacedCount += 1
    if (index < firstCount) firstByStratum[stratum] = (firstByStratum[stratum] ?? 0) + 1
    const place = (strata.starts[stratum] ?? 0) + offset
    if (seen[place] === 0) distinct += 1
    seen[place] = 1
  }
  return { enumerated: size, distinct, misplacedCount, firstByStratum, firstCount }
}

/**
 * How far the first voters' strata are from their share, against chance. They are drawn without
 * replacement, which leaves less to chance than the statistic supposes and is made up for.
 */
export function strataChiSquared(
  { firstByStratum, firstCount, enumerated }: VoterCount,
  strataSizes: ArrayLike<number>,
): ChiSquared.ChiSquared {
  const share = firstCount / enumerated
  const expected = Array.from(strataSizes, (size) => size * share)
  const { statistic, degrees } = ChiSquared.of(firstByStratum, expected)
  const correction = (enumerated - 1) / Math.max(1, enumerated - firstCount)
  return { statistic: statistic * correction, degrees }
}
