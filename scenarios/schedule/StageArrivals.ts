import { Type, type Static } from 'typebox'

import * as Prng from '../population/Prng.ts'

export const StageSchema = Type.Object(
  {
    /** Ballots a second, 0 to 100,000. */
    ratePerS: Type.Number({ minimum: 0, maximum: 100_000 }),
    durationMs: Type.Integer({ minimum: 0, maximum: 7 * 86_400_000 }),
  },
  { additionalProperties: false },
)

export type Stage = Static<typeof StageSchema>

/** Ballots that a stage fires: its rate over its time, rounded. */
function countOf(stage: Stage): number {
  return Math.round((stage.ratePerS * stage.durationMs) / 1000)
}

/** Ballots that all stages fire. */
export function count(stages: readonly Stage[]): number {
  return stages.reduce((sum, stage) => sum + countOf(stage), 0)
}

/**
 * The instants at which ballots leave, in ms after the storm's start, ascending: in each stage as
 * many as {@link countOf} says, at sorted uniform instants, which is a Poisson process given its
 * count. Voters do not come evenly, and even arrivals flatter a system.
 *
 * A stream in constant memory: the least of *r* uniform numbers above *t* is drawn directly as
 * 1 − (1 − t) · U^(1/r) (sequential order statistics), so nothing is ever sorted.
 *
 * @yields the next instant.
 */
export function* instants(seed: string, stages: readonly Stage[]): Generator<number> {
  let startMs = 0
  for (const [index, stage] of stages.entries()) {
    const draw = Prng.create(seed, `arrivals/${index}`)
    // The share of the stage that is left shrinks; as a difference it would lose its digits.
    let left = 1
    for (let remaining = countOf(stage); remaining > 0; remaining -= 1) {
      left *= (1 - draw()) ** (1 / remaining)
      yield startMs + stage.durationMs * (1 - left)
    }
    startMs += stage.durationMs
  }
}
