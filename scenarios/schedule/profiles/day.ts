import { Type, type Static } from 'typebox'

import * as cities from '../../cities/cities.ts'
import * as DayCurve from '../../population/DayCurve.ts'
import * as DayArrivals from '../DayArrivals.ts'
import { describeStage } from './describeStage.ts'
import type { Profile } from './Profile.ts'

const STRICT = { additionalProperties: false }
const Count = Type.Integer({ minimum: 1 })

const schema = Type.Object(
  {
    kind: Type.Literal('day'),
    /** Name of a city model, or a file of one. */
    city: Type.String({ minLength: 1 }),
    /** The day is played so many times faster. */
    compress: Type.Number({ minimum: 1, maximum: 100_000 }),
    ballotCount: Type.Integer({ minimum: 0 }),
    /** From opening to closing, compressed. */
    durationMs: Type.Integer({ minimum: 0 }),
    /** Where not all voters of the city are enrolled: how many, and of how many. */
    enrolled: Type.Optional(Type.Object({ voters: Count, of: Count }, STRICT)),
  },
  STRICT,
)

export type Day = Static<typeof schema>

/** A day of a city, played faster. */
export const day = {
  schema,
  takes: ['ballots', 'compress'],
  told: "plays a city's day, with --ballots and --compress",
  count: ({ ballotCount }) => ballotCount,
  durationMs: ({ durationMs }) => durationMs,
  instants(seed, { city, compress, ballotCount: count }) {
    const curve = DayCurve.create(cities.read(city).day)
    return DayArrivals.create(curve, { seed, label: 'storm', count, compress }).instants()
  },
  describe(arrivals) {
    const { ballotCount, city, compress, durationMs } = arrivals
    const mean = { ratePerS: (ballotCount * 1000) / durationMs, durationMs }
    const whole = `a day of ${city}${describeEnrolled(arrivals)}`
    return `${whole}, played ${compress} times faster (mean ${describeStage(mean)})`
  },
  override({ city, ballotCount, compress }, overrides): Day {
    return dayOf({
      city,
      voters: overrides.voters,
      ballots: overrides.ballots ?? ballotCount,
      compress: overrides.compress ?? compress,
    })
  },
} as const satisfies Profile<Day>

/** Who is enrolled where it is not the whole city, else nothing. */
function describeEnrolled({ enrolled }: Day): string {
  if (enrolled === undefined) return ''
  const [voters, of] = [enrolled.voters, enrolled.of].map((number) =>
    number.toLocaleString('en-US'),
  )
  return ` with ${voters} of its ${of} voters`
}

/**
 * A city's day as the load of a storm: the instants follow its curve.
 *
 * @param voters - how many are enrolled; where the city has more, the load says so.
 * @param ballots - how many of the day's ballots are fired.
 * @param compress - the day is played so many times faster.
 */
export function dayOf({
  city,
  voters,
  ballots,
  compress,
}: {
  city: string
  voters: number
  ballots: number
  compress: number
}): Day {
  const model = cities.read(city)
  const curve = DayCurve.create(model.day)
  return {
    kind: 'day',
    city,
    compress,
    ballotCount: Math.round(ballots),
    durationMs: Math.round(curve.durationMs / compress),
    ...(voters < model.registered && { enrolled: { voters, of: model.registered } }),
  }
}
