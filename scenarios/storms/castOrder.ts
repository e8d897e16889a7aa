import type * as Poll from '../ballots/Poll.ts'
import * as cities from '../cities/cities.ts'
import * as City from '../population/City.ts'
import * as Popularity from '../population/Popularity.ts'
import * as CastOrder from '../schedule/CastOrder.ts'
import * as Storm from './Storm.ts'

/**
 * Who votes when in a storm: residents of buildings, the people of a city's day, or voters who are
 * all alike.
 *
 * @param polls - as they are held: a deployment that was there may offer other options, and ids count
 * on from earlier storms. @default the storm's own
 * @throws {UnknownCityError} {@link MalformedCityError} of `cities`.
 */
export function castOrder(
  storm: Storm.Storm,
  seed: string,
  polls: readonly Poll.Poll[] = Storm.polls(storm, seed),
): CastOrder.Description {
  const { electorate } = storm
  if (electorate.kind === 'buildings') return ofBuildings(storm, seed, polls)
  if (electorate.kind === 'city') return ofCity(storm, electorate, { seed, polls })
  return CastOrder.uniformOf({ seed, size: storm.voters }, polls)
}

function ofBuildings(
  storm: Storm.Storm,
  seed: string,
  polls: readonly Poll.Poll[],
): CastOrder.OfBuildings {
  return {
    kind: 'buildings',
    seed,
    polls: polls.map(({ pollId, options, slice }) => ({
      pollId,
      optionCount: options.length,
      voterCount: slice?.voterCount ?? storm.voters,
    })),
  }
}

function ofCity(
  storm: Storm.Storm,
  { city, isSparse }: Extract<Storm.Electorate, { kind: 'city' }>,
  { seed, polls }: { seed: string; polls: readonly Poll.Poll[] },
): CastOrder.OfCity {
  const model = cities.read(city)
  const usual = Popularity.participants(City.create(model, { seed, size: storm.voters }))
  return {
    kind: 'city',
    model,
    seed,
    voterCount: storm.voters,
    polls: storm.polls.map((kind, index) => ({
      pollId: polls[index]?.pollId ?? index + 1,
      participants: participantsOf(kind, { voters: storm.voters, usual: usual[index] }),
      optionCount: polls[index]?.options.length ?? kind.optionCount,
    })),
    ...(isSparse && { isSparse: true as const }),
  }
}

function participantsOf(
  { participants, turnout }: Storm.PollKind,
  { voters, usual = 1 }: { voters: number; usual: number | undefined },
): number {
  const wanted = participants ?? (turnout === undefined ? usual : Math.round(turnout * voters))
  // Not even the smallest poll is empty: nothing could be said of it.
  return Math.min(voters, Math.max(1, wanted))
}
