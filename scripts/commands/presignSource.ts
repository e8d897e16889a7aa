import * as cities from '../../scenarios/cities/cities.ts'
import * as Arrivals from '../../scenarios/schedule/Arrivals.ts'
import * as City from '../../scenarios/population/City.ts'
import type { CityModel } from '../../scenarios/population/CityModel.ts'
import * as Popularity from '../../scenarios/population/Popularity.ts'
import * as PollText from '../../scenarios/population/PollText.ts'
import type { Inputs } from '../../scenarios/presign/presign.ts'
import * as CastOrder from '../../scenarios/schedule/CastOrder.ts'
import { castOrder } from '../../scenarios/storms/castOrder.ts'
import * as Storm from '../../scenarios/storms/Storm.ts'
import { find, storms } from '../../scenarios/storms/storms.ts'
import { UsageError } from '../UsageError.ts'

/** Who votes, and in what: of a scenario, of a city, or all alike. */
export type Source = Required<Pick<Inputs, 'polls' | 'order'>> & {
  voters: number
  /** Ballots where the user names no number. */
  ballotCount: number
  /** All that these voters can cast. */
  ballotCountMax: number
}

export type Asked = { seed: string; voters: number | undefined; pollCount: number | undefined }

/** Options of a poll that no scenario describes. */
const OPTION_COUNT = 4

/**
 * What is signed for a name: a scenario, a city (or a file of one), or none.
 *
 * @throws {UsageError} where there is no such scenario or city; {cities.MalformedCityError}.
 */
export function presignSource(name: string | undefined, asked: Asked): Source {
  if (name === undefined) return ofVotersAlike(asked)
  const storm = find(name)
  if (storm !== undefined) return ofStorm({ ...storm, voters: asked.voters ?? storm.voters }, asked)
  return ofCity(readCity(name), asked)
}

function ofVotersAlike({ seed, voters = 1, pollCount = 1 }: Asked): Source {
  const ballotCountMax = voters * pollCount
  const polls = makePolls(seed, pollCount, 'ru')
  const order = CastOrder.uniformOf({ seed, size: voters }, polls)
  return { voters, polls, order, ballotCount: ballotCountMax, ballotCountMax }
}

/** A storm has polls and ballots of its own. */
function ofStorm(storm: Storm.Storm, { seed }: Asked): Source {
  const { voters } = storm
  const polls = Storm.polls(storm, seed)
  const order = castOrder(storm, seed)
  return {
    voters,
    polls,
    order,
    ballotCount: Arrivals.count(storm.arrivals),
    // Residents have a poll each, voters that are all alike have every poll.
    ballotCountMax: order.kind === 'city' ? sum(order.polls) : voters * storm.polls.length,
  }
}

/** A city's most popular polls. */
function ofCity(
  model: CityModel,
  { seed, voters = model.registered, pollCount = 1 }: Asked,
): Source {
  const sizes = Popularity.participants(City.create(model, { seed, size: voters }))
  const polls = makePolls(seed, Math.min(pollCount, sizes.length), model.language)
  const ranking = Popularity.ranking(sizes)
  const order = {
    kind: 'city',
    model,
    seed,
    voterCount: voters,
    polls: polls.map(({ pollId, options }, rank) => ({
      pollId,
      participants: sizes[ranking[rank] ?? 0] ?? 0,
      optionCount: options.length,
    })),
  } as const
  const ballotCountMax = sum(order.polls)
  return { voters, polls, order, ballotCount: ballotCountMax, ballotCountMax }
}

function sum(polls: readonly { participants: number }[]): number {
  return polls.reduce((total, { participants }) => total + participants, 0)
}

function makePolls(seed: string, count: number, locale: PollText.Locale): Source['polls'] {
  return Array.from({ length: count }, (_, index) => ({
    pollId: index + 1,
    ...PollText.create(seed, index, { locale, optionCount: OPTION_COUNT }),
  }))
}

/**
 * A city by its name or file.
 *
 * @throws {UsageError} where there is none; {cities.MalformedCityError}.
 */
export function readCity(name: string): CityModel {
  try {
    return cities.read(name)
  } catch (error) {
    if (error instanceof cities.UnknownCityError) {
      const known = [...storms.map((storm) => storm.name), ...cities.names()].join(', ')
      throw new UsageError([
        `There is no scenario or city "${name}"; take one of ${known}, a city's .json file, or none.`,
      ])
    }
    throw error
  }
}
