import type { CityModel, FactKind } from '../population/CityModel.ts'
import type { Row } from './Row.ts'
import type { SeedCount } from './SeedCount.ts'

/** How each kind of published fact is called and counted, and how far it may be off. */
const FACTS: Record<FactKind, Fact> = {
  registered: {
    name: 'registered voters',
    tolerance: 0.02,
    count: ({ voters }) => voters.distinct,
  },
  polls: { name: 'polls held', tolerance: 0.02, count: pollsOf },
  votes: { name: 'votes in all polls', tolerance: 0.02, count: votesOf },
  votesPerPoll: {
    name: 'votes a poll',
    tolerance: 0.02,
    count: (count) => votesOf(count) / pollsOf(count),
  },
  votesPerUser: {
    name: 'votes a registered voter',
    tolerance: 0.02,
    count: (count) => votesOf(count) / count.voters.distinct,
  },
  popularMin: {
    name: 'participants of a popular poll, the least',
    tolerance: 0.02,
    count: (count) => Math.min(...popularOf(count)),
  },
  popularMax: {
    name: 'participants of a popular poll, the most',
    tolerance: 0.02,
    count: (count) => Math.max(...popularOf(count)),
  },
  peakPerMinute: {
    name: 'ballots in the peak minute',
    tolerance: 0.15,
    count: ({ day }) => day.perMinute.reduce((most, ballots) => Math.max(most, ballots), 0),
  },
}

type Fact = { name: string; tolerance: number; count: (count: SeedCount) => number }

/** The published facts of a city beside what was counted. */
export function publishedRows(model: CityModel, counts: readonly SeedCount[]): Row[] {
  return model.published.map(({ fact, value, source }): Row => {
    const { name, tolerance, count } = FACTS[fact]
    return {
      kind: 'published',
      id: fact,
      name,
      source,
      expected: value,
      low: value * (1 - tolerance),
      high: value * (1 + tolerance),
      counted: counts.map(count),
    }
  })
}

function pollsOf({ ballots }: SeedCount): number {
  const held = ballots.polls.filter(({ participants }) => participants > 0)
  return held.reduce((sum, { weight }) => sum + weight, 0)
}

function votesOf({ ballots }: SeedCount): number {
  return ballots.polls.reduce((sum, { weight, participants }) => sum + weight * participants, 0)
}

function popularOf({ ballots }: SeedCount): number[] {
  return ballots.polls.filter(({ isPopular }) => isPopular).map(({ participants }) => participants)
}
