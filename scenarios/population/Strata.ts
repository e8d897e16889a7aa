import { apportion } from './apportion.ts'
import type { CityModel } from './CityModel.ts'
import * as PrefixSums from './PrefixSums.ts'

/** A group of voters who are alike but for chance: indexes into the city model's lists. */
export type Stratum = {
  district: number
  ageBand: number
  activity: number
  /** How often its voters vote, against the other strata: habit of the class × turnout of the district. */
  weight: number
  /** Voters in it. */
  size: number
}

/** All strata of a city in the order in which its voters are laid out. */
export type Strata = {
  list: readonly Stratum[]
  /** Where each stratum begins in the layout. */
  starts: PrefixSums.PrefixSums
}

/** The strata of `size` voters: district × age band × activity class, by largest remainder. */
export function create(model: CityModel, size: number): Strata {
  const { districts, ageBands, activities } = model
  const list = districts.flatMap((place, district) =>
    ageBands.flatMap((band, ageBand) =>
      activities.map(({ id, habit }, activity) => ({
        district,
        ageBand,
        activity,
        weight: habit * place.turnout,
        share: place.weight * (place.ages[band.id] ?? 0) * (band.activities[id] ?? 0),
      })),
    ),
  )
  const sizes = apportion(
    size,
    list.map(({ share }) => share),
  )
  return {
    list: list.map(({ district, ageBand, activity, weight }, index) => {
      return { district, ageBand, activity, weight, size: sizes[index] ?? 0 }
    }),
    starts: PrefixSums.create(sizes),
  }
}

/**
 * The stratum at `index`.
 *
 * @throws {RangeError} where there is none.
 */
export function at({ list }: Strata, index: number): Stratum {
  const stratum = list[index]
  if (stratum === undefined) throw new RangeError(`There is no stratum ${index}.`)
  return stratum
}
