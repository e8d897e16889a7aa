import { Type, type Static } from 'typebox'

const strict = { additionalProperties: false } as const

/** What the witness of a chain read, and by what it could check it. */
export const Schema = Type.Object(
  {
    nodes: Type.Array(
      Type.Object(
        {
          /** Host and port. */
          name: Type.String(),
          /** Blocks that were read from it and held. */
          blockCount: Type.Integer({ minimum: 0 }),
          /** The highest block of the reading that it had too; −1 where none. */
          agreedNumber: Type.Integer({ minimum: -1 }),
          /** Whether it gave any answer. */
          isHeard: Type.Boolean(),
        },
        strict,
      ),
    ),
    /** Of the blocks, as far as they can be checked. */
    seals: Type.Enum(['none', 'qbft', 'clique']),
    /** Whose seals were asked for; 0 without seals. */
    validatorCount: Type.Integer({ minimum: 0 }),
  },
  strict,
)

export type Sources = Static<typeof Schema>
