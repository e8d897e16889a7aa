import type { City } from '../population/City.ts'
import * as Popularity from '../population/Popularity.ts'
import * as Roll from '../population/Roll.ts'

/** What walking through the rolls of a city's polls found. */
export type BallotCount = {
  /** Polls whose ballots were enumerated, from the most popular one down. */
  polls: CountedPoll[]
  /** Ballots enumerated. */
  enumerated: number
  /** Ballots of voters who had one in the same poll already. */
  repeatedCount: number
  /** Mean and variance, over all voters, of the number of enumerated polls that a voter took part in. */
  perVoter: { mean: number; variance: number }
  /** Voters by number of those polls: 0, 1, 2 and 3, 4 to 7, and so on, doubling. */
  voterHistogram: number[]
  /** Votes in the popular polls, by district. */
  popularVotesByDistrict: Float64Array
}

type CountedPoll = {
  poll: number
  isPopular: boolean
  /** Different voters among its ballots. */
  participants: number
  /** Polls of the city that it stands for: 1 but for a sample. */
  weight: number
}

export type Options = {
  /**
   * Where all ballots are more, only the popular polls and every n-th of the others are enumerated.
   * The popular ones and a few dozen others are in any case.
   */
  ballotsMax: number
  onProgress?: ((ballots: number, total: number) => void) | undefined
}

/** Enumerates the ballots of a city's polls, voter by voter. 6 bytes a voter. */
export function countBallots(city: City, { ballotsMax, onProgress }: Options): BallotCount {
  const sizes = Popularity.participants(city)
  const chosen = choose(sizes, city.model.polls.popular.count, ballotsMax)
  const total = chosen.reduce((sum, { poll }) => sum + (sizes[poll] ?? 0), 0)
  const votes = new Uint16Array(city.size)
  const lastPolls = new Uint32Array(city.size)
  const popularVotesByDistrict = new Float64Array(city.model.districts.length)
  let [enumerated, repeatedCount] = [0, 0]

  const polls = chosen.map(({ poll, isPopular, weight }, serial): CountedPoll => {
    const roll = Roll.create(city, { pollId: poll + 1, participants: sizes[poll] ?? 0 })
    let repeatedHere = 0
    for (const [stratum, { district }] of city.strata.list.entries()) {
      const quota = roll.quotas[stratum] ?? 0
      if (quota === 0) continue
      const start = city.strata.starts[stratum] ?? 0
      const choice = roll.choiceIn(stratum)
      for (let rank = 0; rank < quota; rank += 1) {
        const place = start + choice.forward(rank)
        if (lastPolls[place] === serial + 1) repeatedHere += 1
        lastPolls[place] = serial + 1
        votes[place] = (votes[place] ?? 0) + 1
      }
      if (isPopular)
        popularVotesByDistrict[district] = (popularVotesByDistrict[district] ?? 0) + quota
    }
    enumerated += roll.count
    repeatedCount += repeatedHere
    onProgress?.(enumerated, total)
    return { poll, isPopular, participants: roll.count - repeatedHere, weight }
  })
  return { polls, enumerated, repeatedCount, popularVotesByDistrict, ...spread(votes) }
}

type Choice = { poll: number; isPopular: boolean; weight: number }

/** Polls of a sample at least, beside the popular ones: fewer would misjudge the sum. */
const SAMPLE_POLLS_MIN = 50

/** All polls, or where they are too many the popular ones and a systematic sample of the others. */
function choose(sizes: Float64Array, popularCount: number, ballotsMax: number): Choice[] {
  const ranking = Popularity.ranking(sizes)
  const votesOf = (polls: readonly number[]): number =>
    polls.reduce((sum, poll) => sum + (sizes[poll] ?? 0), 0)
  const popular = ranking.slice(0, popularCount)
  const others = ranking.slice(popularCount)
  const room = Math.max(1, ballotsMax - votesOf(popular))
  const stepMax = Math.max(1, Math.floor(others.length / SAMPLE_POLLS_MIN))
  const step = Math.min(stepMax, Math.ceil(votesOf(others) / room))
  const steps = Array.from({ length: Math.ceil(others.length / step) }, (_, index) =>
    others.slice(index * step, (index + 1) * step),
  )
  return [
    ...popular.map((poll) => ({ poll, isPopular: true, weight: 1 })),
    // The middle one of each step stands for all of it: popularity falls off evenly in between.
    ...steps.flatMap((polls) =>
      polls
        .slice(Math.floor((polls.length - 1) / 2))
        .slice(0, 1)
        .map((poll) => ({ poll, isPopular: false, weight: polls.length })),
    ),
  ]
}

function spread(votes: Uint16Array): Pick<BallotCount, 'perVoter' | 'voterHistogram'> {
  const voterHistogram: number[] = []
  let [sum, squares] = [0, 0]
  for (const count of votes) {
    sum += count
    squares += count * count
    const bin = count === 0 ? 0 : Math.floor(Math.log2(count)) + 1
    voterHistogram[bin] = (voterHistogram[bin] ?? 0) + 1
  }
  const mean = sum / votes.length
  return {
    perVoter: { mean, variance: squares / votes.length - mean * mean },
    voterHistogram: Array.from(voterHistogram, (voters) => voters ?? 0),
  }
}
