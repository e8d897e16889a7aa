import { Type, type Static } from 'typebox'

import * as StageArrivals from '../StageArrivals.ts'
import { describeStage } from './describeStage.ts'
import type { Profile } from './Profile.ts'

const schema = Type.Object(
  {
    kind: Type.Literal('stages'),
    stages: Type.Array(StageArrivals.StageSchema, { minItems: 1 }),
  },
  { additionalProperties: false },
)

type Stages = Static<typeof schema>

/** Rates, one after the other. */
export const stages = {
  schema,
  takes: ['ratePerS', 'durationMs'],
  told: 'plays no day; it has --rate and --duration',
  count: (arrivals) => StageArrivals.count(arrivals.stages),
  durationMs: lengthOf,
  instants: (seed, arrivals) => StageArrivals.instants(seed, arrivals.stages),
  describe: (arrivals) => arrivals.stages.map(describeStage).join(', '),
  override(arrivals, { ratePerS, durationMs }): Stages {
    if (ratePerS === undefined && durationMs === undefined) return arrivals
    const wholeMs = lengthOf(arrivals)
    const count = StageArrivals.count(arrivals.stages)
    const meanPerS = wholeMs === 0 ? 0 : (count * 1000) / wholeMs
    const stage = { ratePerS: ratePerS ?? meanPerS, durationMs: durationMs ?? wholeMs }
    return { kind: 'stages', stages: [stage] }
  },
} as const satisfies Profile<Stages>

function lengthOf(arrivals: Stages): number {
  return arrivals.stages.reduce((sum, stage) => sum + stage.durationMs, 0)
}
