import { Type, type Static } from 'typebox'

const Address = Type.String({ pattern: '^0x[0-9a-f]{40}$' })

/** The city of the reference system held 3,450 polls in all its years. */
const QUESTIONS_MAX = 10_000

const QuestionSchema = Type.Object(
  {
    pollId: Type.Integer({ minimum: 0 }),
    /** The PollQuestion. */
    address: Address,
    /** The version whose answers are the poll's. */
    version: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
)

/** Whose ballots count, and what kind of contract counts them. Addresses in lower-case hex. */
export const Schema = Type.Union([
  Type.Object(
    { kind: Type.Literal('ballot-box'), address: Address },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('anchored'), address: Address },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('active-citizen-2017'),
      questions: Type.Array(QuestionSchema, { minItems: 1, maxItems: QUESTIONS_MAX }),
    },
    { additionalProperties: false },
  ),
])

export type Target = Static<typeof Schema>

/** The contracts that are known. */
export type Kind = Target['kind']
