import { Type, type Static } from 'typebox'

const Count = Type.Integer({ minimum: 0 })
const strict = { additionalProperties: false } as const

/** Voters who signed two choices, and of whom the chain counts another than the planned one. */
export const Schema = Type.Object(
  {
    count: Count,
    /** The first of them. */
    listed: Type.Array(
      Type.Object(
        {
          ballot: Count,
          pollId: Count,
          voterIndex: Count,
          /** One sentence that a person reads. */
          message: Type.String(),
          /** As of a finding, with both signatures. */
          evidence: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
        },
        strict,
      ),
    ),
  },
  strict,
)

export type SignedTwice = Static<typeof Schema>
