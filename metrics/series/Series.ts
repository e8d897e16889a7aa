import { Type, type Static } from 'typebox'

/** One line of a chart: values over the seconds since the storm began. */
export const Schema = Type.Object(
  {
    /** For example `ballots_acknowledged`. */
    name: Type.String({ minLength: 1 }),
    /** For example `ballots/s`, `ms`, `blocks`. */
    unit: Type.String(),
    /** `prometheus` where it was queried from there, `harness` where it was computed from the run folder. */
    source: Type.Union([Type.Literal('prometheus'), Type.Literal('harness')]),
    /** Seconds since the start of the storm (negative before), value; null where there was no sample. */
    points: Type.Array(Type.Tuple([Type.Number(), Type.Union([Type.Number(), Type.Null()])])),
  },
  { additionalProperties: false },
)

export type Series = Static<typeof Schema>
