import type { Channel, CityModel } from './CityModel.ts'
import * as Hash from './Hash.ts'
import * as Permutation from './Permutation.ts'
import * as PrefixSums from './PrefixSums.ts'
import * as Strata from './Strata.ts'

/**
 * An electorate that lives somewhere: voter *i* of a seed has a district, an age band, an activity
 * class, a channel and a patience, all computed. Keys are those of `Electorate`.
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
  hash: Hash.Hash
}

/** What is known of a voter; indexes into the model's lists. */
export type Voter = {
  index: number
  stratum: number
  district: number
  ageBand: number
  activity: number
  channel: Channel
  patience: Patience
}

/** What a voter does about a missing answer. */
type Patience = {
  /** Attempts before giving up, the first included. */
  attemptsMax: number
  timeoutMs: number
  /** Pause before the second attempt. */
  backoffMs: number
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
    hash: Hash.create(seed, 'voter'),
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

/** All about voter `index` but the texts and the key. */
export function voter(city: City, index: number): Voter {
  const { stratum } = placeOf(city, index)
  const { district, ageBand, activity } = Strata.at(city.strata, stratum)
  const channel = channelOf(city, index, ageBand)
  return {
    index,
    stratum,
    district,
    ageBand,
    activity,
    channel,
    patience: patienceOf(city, index, activity),
  }
}

/** Voters of each district, in the model's order. */
export function votersByDistrict({ model, strata }: City): Float64Array {
  const voters = new Float64Array(model.districts.length)
  for (const { district, size } of strata.list) voters[district] = (voters[district] ?? 0) + size
  return voters
}

/** The purposes of the voters' random numbers, so that no two share one. */
const DRAW = { channel: 0, attempts: 1 } as const

function channelOf({ model, hash }: City, index: number, ageBand: number): Channel {
  const { web = 1, app = 0 } = model.ageBands[ageBand]?.channels ?? {}
  const draw = Hash.toUniform(hash(index, DRAW.channel))
  if (draw < web) return 'web'
  return draw < web + app ? 'app' : 'kiosk'
}

function patienceOf({ model, hash }: City, index: number, activity: number): Patience {
  const patience = model.activities[activity]?.patience
  if (patience === undefined) throw new RangeError(`There is no activity class ${activity}.`)
  const { attemptsMin, attemptsMax, timeoutMs, backoffMs } = patience
  const draw = Hash.toUniform(hash(index, DRAW.attempts))
  const attempts = attemptsMin + Math.floor(draw * (attemptsMax - attemptsMin + 1))
  return { attemptsMax: attempts, timeoutMs, backoffMs }
}
