import { createHash } from 'node:crypto'

import * as City from '../population/City.ts'
import * as CityFiring from '../population/CityFiring.ts'
import type { CityModel } from '../population/CityModel.ts'
import * as Opinion from '../population/Opinion.ts'
import * as Preference from '../population/Preference.ts'
import * as Roll from '../population/Roll.ts'
import * as BuildingFiring from './BuildingFiring.ts'
import * as Firing from './Firing.ts'
import { spread } from './spread.ts'

/**
 * What decides who votes when and how, as plain data: it is sent to worker threads and bound by the
 * spool's header. Another kind of electorate is another member here and a line in {@link create}.
 */
export type Order = Uniform | OfBuildings | OfCity

/** All voters alike: any of them may come next, and none has a home. */
export type Uniform = {
  kind: 'uniform'
  seed: string
  /** 1 to 2^32. */
  voterCount: number
  /** In the plan's order. */
  polls: readonly { pollId: number; optionCount: number }[]
}

/** A poll for each building: its voters are neighbours in the register, and vote in no other. */
export type OfBuildings = {
  kind: 'buildings'
  seed: string
  /** In the plan's order, which is the register's: the first building's voters come first. */
  polls: readonly { pollId: number; optionCount: number; voterCount: number }[]
}

/** The people of a city: who takes part, when in the day, and with which opinion. */
export type OfCity = {
  kind: 'city'
  /** The whole model, so that another version of it is another order. */
  model: CityModel
  seed: string
  /** 1 to 2^32. */
  voterCount: number
  /** In the plan's order. */
  polls: readonly { pollId: number; participants: number; optionCount: number }[]
  /** Ballots lie as far apart as in a register of the city's size; see `spread`. */
  isSpread?: true | undefined
}

/** An order that can be asked: for each ballot its voter and poll, and for these the choice. */
export type Casting = Firing.Firing & {
  /**
   * @param poll - the poll's place in the plan.
   * @returns the index of the chosen option.
   */
  choiceOf(poll: number, voterIndex: number): number
}

/** The functions that an order describes. */
export function create(order: Order): Casting {
  if (order.kind === 'city') return createOfCity(order)
  return { ...firingOf(order), choiceOf: preferred(order) }
}

function firingOf(order: Uniform | OfBuildings): Firing.Firing {
  const { seed, polls } = order
  if (order.kind === 'buildings') {
    return BuildingFiring.create(
      seed,
      order.polls.map(({ voterCount }) => voterCount),
    )
  }
  return Firing.create(
    seed,
    order.voterCount,
    polls.map(({ pollId }) => pollId),
  )
}

/** Each poll leans its own way; voters differ by chance alone. */
function preferred({ seed, polls }: Uniform | OfBuildings): Casting['choiceOf'] {
  const preferences = polls.map(({ pollId, optionCount }) =>
    Preference.create(seed, pollId, optionCount),
  )
  return (poll, voterIndex) => preferences[poll]?.(voterIndex) ?? 0
}

function createOfCity({ model, seed, voterCount, polls, isSpread }: OfCity): Casting {
  const city = City.create(model, { seed, size: voterCount })
  const rolls = polls.map((poll) => Roll.create(city, poll))
  const opinions = polls.map((poll) => Opinion.create(city, poll))
  const firing = CityFiring.create(seed, rolls)
  return {
    ...(isSpread === true ? spread(firing, seed) : firing),
    choiceOf: (poll, voterIndex) => opinions[poll]?.choiceOf(voterIndex) ?? 0,
  }
}

/** What a spool's header knows the order by: SHA-256, hex. */
export function digest(order: Order): string {
  return createHash('sha256').update(JSON.stringify(order)).digest('hex')
}
