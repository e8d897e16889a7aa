import * as cities from '../cities/cities.ts'
import * as City from '../population/City.ts'
import * as Popularity from '../population/Popularity.ts'
import type { OfCity } from '../presign/Order.ts'
import type { Storm } from './Storm.ts'

/**
 * Who votes in a storm of a city's day, as presigning takes it; undefined where all voters are alike.
 *
 * @throws {UnknownCityError} {@link MalformedCityError} of `cities`.
 */
export function orderOf(storm: Storm, seed: string): OfCity | undefined {
  if (storm.day === undefined) return undefined
  const model = cities.read(storm.day.city)
  const usual = Popularity.participants(City.create(model, { seed, size: storm.voters }))
  return {
    kind: 'city',
    model,
    seed,
    voterCount: storm.voters,
    polls: storm.polls.map(({ participants, optionCount }, index) => ({
      pollId: index + 1,
      // Not even the smallest poll is empty: nothing could be said of it.
      participants: Math.min(storm.voters, participants ?? Math.max(1, usual[index] ?? 1)),
      optionCount,
    })),
  }
}
