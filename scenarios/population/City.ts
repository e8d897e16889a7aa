import type { CityModel } from './CityModel.ts'
import * as Permutation from './Permutation.ts'
import * as PrefixSums from './PrefixSums.ts'
import * as Strata from './Strata.ts'

/**
 * An electorate that lives somewhere: voter *i* of a seed has a district, an age band and an
 * activity class, all computed. Keys are those of `Electorate`.
 *
 * Memory: about 100 bytes a stratum (some 300 strata), none a voter.
 */
export type City = {
  model: CityModel
  seed: string
  /** Voters: those registered in the model unless told otherwise. */
  size: number
  strata: Strata.Strata
  /** Voter index → place in the layout, where the strata lie one after the other. */
  layout: Permutation.Permutation
}

export type Options = {
  seed: string
  /** 1 to 2^32. @default the model's registered voters */
  size?: number | undefined
}

/** The city of a model and a seed. */
export function create(model: CityModel, { seed, size = model.registered }: Options): City {
  return {
    model,
    seed,
    size,
    strata: Strata.create(model, size),
    layout: Permutation.create(`${seed}/layout`, size),
  }
}

/** A voter's stratum and number in it, in O(log strata). */
export function placeOf(city: City, voterIndex: number): { stratum: number; offset: number } {
  const place = city.layout.forward(voterIndex)
  const stratum = PrefixSums.cellOf(city.strata.starts, place)
  return { stratum, offset: place - PrefixSums.startOf(city.strata.starts, stratum) }
}

/**
 * The voter with number `offset` of a stratum: the inverse of {@link placeOf}.
 *
 * @param offset - 0 to the stratum's size − 1.
 */
export function voterAt(city: City, stratum: number, offset: number): number {
  const { size } = Strata.at(city.strata, stratum)
  if (!(offset >= 0 && offset < size)) {
    throw new RangeError(`Stratum ${stratum} has ${size} voters, and none at ${offset}.`)
  }
  return city.layout.inverse(PrefixSums.startOf(city.strata.starts, stratum) + offset)
}

/** Voters of each district, in the model's order. */
export function votersByDistrict({ model, strata }: City): Float64Array {
  const voters = new Float64Array(model.districts.length)
  for (const { district, size } of strata.list) voters[district] = (voters[district] ?? 0) + size
  return voters
}
