import { createHash } from 'node:crypto'

import { Type, type Static } from 'typebox'

import * as City from '../population/City.ts'
import * as CityModel from '../population/CityModel.ts'
import * as Opinion from '../population/Opinion.ts'
import * as Preference from '../population/Preference.ts'
import * as Roll from '../population/Roll.ts'
import * as BuildingsOrder from './BuildingsOrder.ts'
import * as CityOrder from './CityOrder.ts'
import { sparse } from './sparse.ts'
import * as UniformOrder from './UniformOrder.ts'
import type { VoterOrder } from './VoterOrder.ts'

const STRICT = { additionalProperties: false }
const Count = Type.Integer({ minimum: 1, maximum: 2 ** 32 })
const POLL = { pollId: Type.Integer({ minimum: 1 }), optionCount: Type.Integer({ minimum: 1 }) }

/** All voters alike: any of them may come next, and none has a home. */
const UniformSchema = Type.Object(
  {
    kind: Type.Literal('uniform'),
    seed: Type.String(),
    voterCount: Count,
    /** In the plan's order. */
    polls: Type.Array(Type.Object(POLL, STRICT)),
  },
  STRICT,
)

/** A poll for each building: its voters are neighbours in the register, and vote in no other. */
const BuildingsSchema = Type.Object(
  {
    kind: Type.Literal('buildings'),
    seed: Type.String(),
    /** In the plan's order, which is the register's: the first building's voters come first. */
    polls: Type.Array(Type.Object({ ...POLL, voterCount: Count }, STRICT)),
  },
  STRICT,
)

/** The people of a city: who takes part, when in the day, and with which opinion. */
const CitySchema = Type.Object(
  {
    kind: Type.Literal('city'),
    /** The whole model, so that another version of it is another order. */
    model: CityModel.Schema,
    seed: Type.String(),
    voterCount: Count,
    /** In the plan's order. */
    polls: Type.Array(Type.Object({ ...POLL, participants: Type.Integer({ minimum: 0 }) }, STRICT)),
    /** Ballots lie as far apart as in a register of the city's size; see `sparse`. */
    isSparse: Type.Optional(Type.Literal(true)),
  },
  STRICT,
)

/** The form of a {@link Description} in files. */
export const Schema = Type.Union([UniformSchema, BuildingsSchema, CitySchema])

/**
 * What decides who votes when and how, as plain data: the plan carries it, worker threads are sent
 * it, and the spool's header binds it. Another kind of electorate is another member here and a case
 * in {@link create}.
 */
export type Description = Static<typeof Schema>
export type Uniform = Static<typeof UniformSchema>
export type OfBuildings = Static<typeof BuildingsSchema>
export type OfCity = Static<typeof CitySchema>

/** An order that can be asked: for each ballot its voter and poll, and for these the choice. */
export type CastOrder = VoterOrder & {
  /**
   * @param poll - the poll's place in the plan.
   * @returns the index of the chosen option.
   */
  choiceOf(poll: number, voterIndex: number): number
}

/** The order that a description describes. */
export function create(order: Description): CastOrder {
  if (order.kind === 'city') return city(order)
  const voters = order.kind === 'buildings' ? buildings(order) : uniform(order)
  return { ...voters, choiceOf: preferred(order) }
}

/** All voters of an electorate alike, in these polls. */
export function uniformOf(
  electorate: { seed: string; size: number },
  polls: readonly { pollId: number; options: readonly string[] }[],
): Uniform {
  return {
    kind: 'uniform',
    seed: electorate.seed,
    voterCount: electorate.size,
    polls: polls.map(({ pollId, options }) => ({ pollId, optionCount: options.length })),
  }
}

function uniform({ seed, voterCount, polls }: Uniform): VoterOrder {
  return UniformOrder.create(
    seed,
    voterCount,
    polls.map(({ pollId }) => pollId),
  )
}

function buildings({ seed, polls }: OfBuildings): VoterOrder {
  return BuildingsOrder.create(
    seed,
    polls.map(({ voterCount }) => voterCount),
  )
}

/** Each poll leans its own way; voters differ by chance alone. */
function preferred({ seed, polls }: Uniform | OfBuildings): CastOrder['choiceOf'] {
  const preferences = polls.map(({ pollId, optionCount }) =>
    Preference.create(seed, pollId, optionCount),
  )
  return (poll, voterIndex) => preferences[poll]?.(voterIndex) ?? 0
}

function city({ model, seed, voterCount, polls, isSparse }: OfCity): CastOrder {
  const people = City.create(model, { seed, size: voterCount })
  const rolls = polls.map((poll) => Roll.create(people, poll))
  const opinions = polls.map((poll) => Opinion.create(people, poll))
  const dense = CityOrder.create(seed, rolls)
  return {
    ...(isSparse === true ? sparse(dense, seed) : dense),
    choiceOf: (poll, voterIndex) => opinions[poll]?.choiceOf(voterIndex) ?? 0,
  }
}

/** What a spool's header knows the order by: SHA-256, hex. */
export function digest(order: Description): string {
  return createHash('sha256').update(JSON.stringify(order)).digest('hex')
}
