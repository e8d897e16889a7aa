import { Type, type Static } from 'typebox'

import * as cities from '../cities/cities.ts'
import * as DayCurve from '../population/DayCurve.ts'
import * as DayArrivals from './DayArrivals.ts'
import * as StageArrivals from './StageArrivals.ts'

const STRICT = { additionalProperties: false }
const Count = Type.Integer({ minimum: 1 })

/** Rates, one after the other. */
const StagesSchema = Type.Object(
  {
    kind: Type.Literal('stages'),
    stages: Type.Array(StageArrivals.StageSchema, { minItems: 1 }),
  },
  STRICT,
)

/** A day of a city, played faster. */
const DaySchema = Type.Object(
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

export const Schema = Type.Union([StagesSchema, DaySchema])

/** When ballots come. Another kind is another member here and a case in each function below. */
export type Arrivals = Static<typeof Schema>
export type Day = Static<typeof DaySchema>

/** Ballots that come in all. */
export function count(arrivals: Arrivals): number {
  return arrivals.kind === 'day' ? arrivals.ballotCount : StageArrivals.count(arrivals.stages)
}

/** How long ballots come. */
export function durationMs(arrivals: Arrivals): number {
  if (arrivals.kind === 'day') return arrivals.durationMs
  return arrivals.stages.reduce((sum, stage) => sum + stage.durationMs, 0)
}

/**
 * The instants of all ballots, ms after the storm's start, ascending.
 *
 * @throws {UnknownCityError} {@link MalformedCityError} of `cities`.
 */
export function instants(seed: string, arrivals: Arrivals): Iterable<number> {
  if (arrivals.kind === 'stages') return StageArrivals.instants(seed, arrivals.stages)
  const { city, compress, ballotCount } = arrivals
  const curve = DayCurve.create(cities.read(city).day)
  return DayArrivals.create(curve, {
    seed,
    label: 'storm',
    count: ballotCount,
    compress,
  }).instants()
}

/**
 * The load as one sentence, for example `17/s for 60 s, 50/s for 30 s`. A day that was played faster,
 * or with a part of the city, says so wherever the load is named.
 */
export function describe(arrivals: Arrivals): string {
  if (arrivals.kind === 'stages') return arrivals.stages.map(describeStage).join(', ')
  const { city, compress, ballotCount } = arrivals
  const mean = {
    ratePerS: (ballotCount * 1000) / arrivals.durationMs,
    durationMs: arrivals.durationMs,
  }
  const whole = `a day of ${city}${describeEnrolled(arrivals)}`
  return `${whole}, played ${compress} times faster (mean ${describeStage(mean)})`
}

/** Who is enrolled where it is not the whole city, else nothing. */
function describeEnrolled({ enrolled }: Day): string {
  if (enrolled === undefined) return ''
  const [voters, of] = [enrolled.voters, enrolled.of].map((number) =>
    number.toLocaleString('en-US'),
  )
  return ` with ${voters} of its ${of} voters`
}

function describeStage(stage: StageArrivals.Stage): string {
  return `${round(stage.ratePerS)}/s for ${round(stage.durationMs / 1000)} s`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
