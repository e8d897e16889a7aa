import type { CityModel } from '../population/CityModel.ts'
import * as Strata from '../population/Strata.ts'
import * as ChiSquared from './ChiSquared.ts'
import type { BallotCount } from './countBallots.ts'
import type { DayCount } from './countDay.ts'
import type { OrderCount } from './countOrder.ts'
import { strataChiSquared, type VoterCount } from './countVoters.ts'
import * as Expected from './Expected.ts'
import type { Row } from './Row.ts'
import type { SeedCount } from './SeedCount.ts'

/** The chance inside of the strata moves the variance by less than this in any city of 1,000 or more. */
const HABIT_TOLERANCE = 0.03

/**
 * What the city model says of itself beside what was counted.
 *
 * @param z - how sure the intervals of chance are, see {@link ChiSquared.Z_99}.
 */
export function modelRows(model: CityModel, counts: readonly SeedCount[], z: number): Row[] {
  return [
    uniqueRow(counts.map(({ ballots, order }) => ballots.repeatedCount + order.repeatedCount)),
    inverseRow(counts.map(({ voters, order }) => voters.misplacedCount + order.lostCount)),
    habitRow(model, counts),
    strataRow(model, { counts: counts.map(({ voters }) => voters), z }),
    dayRow(model, { counts: counts.map(({ day }) => day), z }),
  ]
}

/** Nobody votes twice in a poll. */
function uniqueRow(repeatedCounts: number[]): Row {
  const name = 'ballots of a voter who had voted in the same poll'
  return exact({ id: 'repeated', name, counted: repeatedCounts })
}

/** Every voter and every ballot is found again from where it leads. */
function inverseRow(lostCounts: number[]): Row {
  const name = 'voters and ballots that could not be traced back'
  return exact({ id: 'lost', name, counted: lostCounts })
}

/** Followed ballots as problems of a cast order: a voter twice, or a ballot that is not found again. */
export function orderRows(counts: readonly OrderCount[]): Row[] {
  return [
    uniqueRow(counts.map(({ repeatedCount }) => repeatedCount)),
    inverseRow(counts.map(({ lostCount }) => lostCount)),
  ]
}

/** Votes per voter vary more than chance alone would have it: by as much as the habits differ. */
function habitRow(
  model: CityModel,
  counts: readonly { voters: Pick<VoterCount, 'enumerated'>; ballots: BallotCount }[],
): Row {
  // Each seed has polls of other sizes and so another expectation: all are held against the first's.
  const expected = counts.map(({ voters, ballots }) => {
    const sizes = ballots.polls.map(({ participants }) => participants)
    return indexOf(Expected.perVoter(model, sizes, voters.enumerated))
  })
  const first = expected[0] ?? Number.NaN
  return {
    kind: 'model',
    id: 'habit',
    name: 'variance of the votes a voter, over that of pure chance (Poisson)',
    source: 'habits of the activity classes, turnout of the districts',
    expected: first,
    low: first * (1 - HABIT_TOLERANCE),
    high: first * (1 + HABIT_TOLERANCE),
    counted: counts.map(({ ballots }, index) => {
      return (indexOf(ballots.perVoter) * first) / (expected[index] ?? Number.NaN)
    }),
  }
}

type Sampled<Count> = { counts: readonly Count[]; z: number }

/** Strata are shuffled over the voters' numbers: half of the voters hold half of each, but for chance. */
export function strataRow(model: CityModel, { counts, z }: Sampled<VoterCount>): Row {
  const results = counts.map((count) => {
    const sizes = Strata.create(model, count.enumerated).list.map(({ size }) => size)
    return strataChiSquared(count, sizes)
  })
  const name = 'strata of the first half of the voters: χ² over its degrees of freedom'
  return byChance({ id: 'strata', name, results, z })
}

/** Ballots come as a Poisson process along the day's curve: neither bunched nor evenly. */
export function dayRow(model: CityModel, { counts, z }: Sampled<DayCount>): Row {
  const results = counts.map(({ perMinute, enumerated }) =>
    ChiSquared.of(perMinute, Expected.perMinute(model, enumerated)),
  )
  const name = 'ballots a minute about the day’s curve: index of dispersion'
  return byChance({ id: 'dispersion', name, results, z })
}

function indexOf({ mean, variance }: Expected.PerVoter): number {
  return variance / mean
}

function exact({ id, name, counted }: Pick<Row, 'id' | 'name' | 'counted'>): Row {
  return { kind: 'model', id, name, source: 'always', expected: 0, low: 0, high: 0, counted }
}

function byChance(given: {
  id: string
  name: string
  results: readonly ChiSquared.ChiSquared[]
  z: number
}): Row {
  const { id, name, results, z } = given
  const degrees = Math.max(0, ...results.map((result) => result.degrees))
  return {
    kind: 'model',
    id,
    name,
    source: `chance, ${degrees} degrees of freedom`,
    expected: degrees === 0 ? 0 : 1,
    ...ChiSquared.interval(degrees, z),
    counted: results.map((result) => result.statistic / Math.max(1, result.degrees)),
  }
}
