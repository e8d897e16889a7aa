import { Type } from 'typebox'

import * as Path from '../../ballots/Path.ts'

const Urls = (minItems: number) =>
  Type.Array(Type.String({ pattern: '^https?://' }), { minItems, maxItems: 100 })

/** Five a second see every standstill of a second. */
const BALLOTS_PER_S = 5

/** k6 stays the generator: of ten ballots the probe casts one at most. */
const BALLOTS_EACH_MIN = 10

/** Each so many-th ballot of a storm is the probe's. */
export function everyBallots({
  stormMs,
  ballotCount,
}: {
  stormMs: number
  ballotCount: number
}): number {
  const ratePerS = stormMs === 0 ? 0 : ballotCount / (stormMs / 1000)
  return Math.max(BALLOTS_EACH_MIN, Math.ceil(ratePerS / BALLOTS_PER_S))
}

/** The probe's configuration file. */
export const Schema = Type.Object(
  {
    path: Path.Schema,
    feederUrl: Type.String({ pattern: '^http://' }),
    targets: Urls(1),
    standbyTargets: Urls(0),
    /** How often, and how long, a voter tries; see the plan. */
    voter: Type.Object({
      attemptsMax: Type.Integer({ minimum: 1, maximum: 100 }),
      timeoutMs: Type.Integer({ minimum: 1, maximum: 600_000 }),
      backoffMs: Type.Integer({ minimum: 0, maximum: 600_000 }),
    }),
    /** Each attempt becomes a line here, as k6 writes them; appended to. */
    historyFile: Type.String({ minLength: 1 }),
    /** What the probe says of itself in the end. */
    reportFile: Type.String({ minLength: 1 }),
    /** Metrics; 0 takes a free port. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
  },
  { additionalProperties: false },
)
