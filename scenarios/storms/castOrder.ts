import * as cities from '../cities/cities.ts'
import * as City from '../population/City.ts'
import * as Popularity from '../population/Popularity.ts'
import * as CastOrder from '../schedule/CastOrder.ts'
import * as Storm from './Storm.ts'

/**
 * Who votes when in a storm: residents of buildings, the people of a city's day, or voters who are
 * all alike.
 *
 * @param pollsBefore - polls of earlier storms: ids count on from them.
 * @throws {UnknownCityError} {@link MalformedCityError} of `cities`.
 */
export function castOrder(
  storm: Storm.Storm,
  seed: string,
  pollsBefore = 0,
): CastOrder.Description {
  const { electorate } = storm
  if (electorate.kind === 'buildings') return ofBuildings(storm, seed, pollsBefore)
  if (electorate.kind === 'city') return ofCity(storm, electorate, { seed, pollsBefore })
  return CastOrder.uniformOf(
    { seed, size: storm.voters },
    Storm.polls(storm, seed).map((poll) => ({ ...poll, pollId: poll.pollId + pollsBefore })),
  )
}

function ofBuildings(storm: Storm.Storm, seed: string, pollsBefore: number): CastOrder.OfBuildings {
  return {
    kind: 'buildings',
    seed,
    polls: Storm.polls(storm, seed).map(({ pollId, options, slice }) => ({
      pollId: pollId + pollsBefore,
      optionCount: options.length,
      voterCount: slice?.voterCount ?? storm.voters,
    })),
  }
}

function ofCity(
  storm: Storm.Storm,
  { city, isSparse }: Extract<Storm.Electorate, { kind: 'city' }>,
  { seed, pollsBefore }: { seed: string; pollsBefore: number },
): CastOrder.OfCity {
  const model = cities.read(city)
  const usual = Popularity.participants(City.create(model, { seed, size: storm.voters }))
  return {
    kind: 'city',
    model,
    seed,
    voterCount: storm.voters,
    polls: storm.polls.map((kind, index) => ({
      pollId: pollsBefore + index + 1,
      participants: participantsOf(kind, { voters: storm.voters, usual: usual[index] }),
      optionCount: kind.optionCount,
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
