import type { City } from '../population/City.ts'
import * as DayArrivals from '../schedule/DayArrivals.ts'
import * as DayCurve from '../population/DayCurve.ts'
import { countBallots, type BallotCount } from './countBallots.ts'
import { countDay, type DayCount } from './countDay.ts'
import { countOrder, type OrderCount } from './countOrder.ts'
import { countVoters, type VoterCount } from './countVoters.ts'

/** All that was counted under one seed. */
export type SeedCount = {
  seed: string
  voters: VoterCount
  ballots: BallotCount
  order: OrderCount
  /** The day of the most popular poll. */
  day: DayCount
}

export type Options = {
  /** Ballots that are enumerated at most; beyond them polls are sampled. */
  ballotsMax: number
  /** Ballots of the popular polls that are followed to their voter and back at least. */
  followedMin: number
  onProgress?: ((ballots: number, total: number) => void) | undefined
}

/** Enumerates a city: voters, ballots, the cast order of its popular polls, the day of the largest. */
export function count(city: City, options: Options): SeedCount {
  const voters = countVoters(city)
  const ballots = countBallots(city, options)
  const order = countOrder(city, ballots.polls, options.followedMin)
  const largest = ballots.polls[0] ?? { poll: 0, participants: 0 }
  const arrivals = DayArrivals.create(DayCurve.create(city.model.day), {
    seed: city.seed,
    label: `poll/${largest.poll + 1}`,
    count: largest.participants,
  })
  return { seed: city.seed, voters, ballots, order, day: countDay(arrivals) }
}
