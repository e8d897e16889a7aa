import * as City from '../population/City.ts'
import type { CityModel } from '../population/CityModel.ts'
import * as DayCurve from '../population/DayCurve.ts'
import { Z_9999 } from './ChiSquared.ts'
import * as Expected from './Expected.ts'
import { modelRows } from './modelRows.ts'
import { poissonBins } from './poissonBins.ts'
import { publishedRows } from './publishedRows.ts'
import { problems, type Row } from './Row.ts'
import * as SeedCount from './SeedCount.ts'

/** A city model held against what is published and against itself: figures only, for any reader. */
export type Calibration = {
  schema: typeof SCHEMA
  city: { name: string; description: string; registered: number }
  seeds: string[]
  /** What was enumerated under each seed. */
  enumerated: { voters: number[]; ballots: number[]; followed: number[] }
  /** Votes in all polls of the model; fewer ballots enumerated means a sample of the polls. */
  votes: number
  rows: Row[]
  /** Empty where every figure is as it should be. */
  problems: string[]
  /** What the charts show, under the first seed. */
  detail: Detail
}

type Detail = {
  /** The day of the most popular poll, by minutes from opening. */
  day: { opensAtMs: number; ballots: number; counted: number[]; expected: number[] }
  /** Participants of the polls enumerated, from the most popular one down. */
  polls: { rank: number; participants: number; isPopular: boolean }[]
  /** Votes in the popular polls over registered voters × popular polls. */
  districts: { name: string; voters: number; counted: number; expected: number }[]
  /** Voters by number of votes cast in the polls enumerated, ends included, and were all alike. */
  habit: { from: number; to: number; voters: number; poisson: number }[]
}

const SCHEMA = 'ballotstorm/calibration/1'

export type Options = Pick<SeedCount.Options, 'ballotsMax' | 'followedMin'> & {
  seeds: readonly string[]
  onProgress?: ((seed: string, ballots: number, total: number) => void) | undefined
}

/** Counts a city under each seed and holds it against its model. */
export function calibrate(model: CityModel, options: Options): Calibration {
  const { seeds, onProgress } = options
  const counts = seeds.map((seed) =>
    SeedCount.count(City.create(model, { seed }), {
      ...options,
      onProgress: (ballots, total) => onProgress?.(seed, ballots, total),
    }),
  )
  return from(model, counts)
}

/**
 * The calibration of what was counted; at least one count. In the intervals of chance one sound
 * city in thousands lies outside, so that a seed of the user's own is not refused by chance.
 */
export function from(model: CityModel, counts: readonly SeedCount.SeedCount[]): Calibration {
  const { name, description, registered, polls } = model
  const rows = [...publishedRows(model, counts), ...modelRows(model, counts, Z_9999)]
  const [first] = counts
  if (first === undefined) throw new RangeError('A calibration needs at least one seed.')
  return {
    schema: SCHEMA,
    city: { name, description, registered },
    seeds: counts.map(({ seed }) => seed),
    enumerated: {
      voters: counts.map(({ voters }) => voters.enumerated),
      ballots: counts.map(({ ballots }) => ballots.enumerated),
      followed: counts.map(({ order }) => order.enumerated),
    },
    votes: polls.votes,
    rows,
    problems: problems(rows),
    detail: detailOf(model, first),
  }
}

function detailOf(model: CityModel, { voters, ballots, day }: SeedCount.SeedCount): Detail {
  return {
    day: {
      opensAtMs: DayCurve.create(model.day).opensAtMs,
      ballots: day.enumerated,
      counted: [...day.perMinute],
      expected: [...Expected.perMinute(model, day.enumerated)],
    },
    polls: rankedPolls(ballots.polls),
    districts: districtsOf(model, { voters, ballots }),
    habit: habitOf(ballots, voters.enumerated),
  }
}

function rankedPolls(polls: SeedCount.SeedCount['ballots']['polls']): Detail['polls'] {
  let rank = 0
  return polls.map(({ participants, isPopular, weight }) => {
    // A sampled poll stands in the middle of those that it stands for.
    const middle = rank + (weight + 1) / 2
    rank += weight
    return { rank: middle, participants, isPopular }
  })
}

function districtsOf(
  model: CityModel,
  { voters, ballots }: Pick<SeedCount.SeedCount, 'voters' | 'ballots'>,
): Detail['districts'] {
  const popularSizes = ballots.polls
    .filter(({ isPopular }) => isPopular)
    .map(({ participants }) => participants)
  const expected = Expected.votesByDistrict(model, popularSizes, voters.enumerated)
  const sizes = City.votersByDistrict(City.create(model, { seed: '', size: voters.enumerated }))
  return model.districts.map(({ name }, index) => {
    const places = Math.max(1, (sizes[index] ?? 0) * popularSizes.length)
    return {
      name,
      voters: sizes[index] ?? 0,
      counted: (ballots.popularVotesByDistrict[index] ?? 0) / places,
      expected: (expected[index] ?? 0) / places,
    }
  })
}

function habitOf(
  { voterHistogram, perVoter }: SeedCount.SeedCount['ballots'],
  size: number,
): Detail['habit'] {
  const alike = poissonBins(perVoter.mean, voterHistogram.length)
  return voterHistogram.map((voters, bin) => ({
    from: bin === 0 ? 0 : 2 ** (bin - 1),
    to: bin === 0 ? 0 : 2 ** bin - 1,
    voters,
    poisson: (alike[bin] ?? 0) * size,
  }))
}
