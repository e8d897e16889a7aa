import { Type, type Static } from 'typebox'

import * as ActiveCitizen2017 from './activeCitizen2017.ts'
import * as Anchored from './anchored.ts'
import * as BallotBox from './ballotBox.ts'
import type { Form } from './Form.ts'

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

/** Whose ballots count, and the form in which they stand on the chain. Addresses in lower-case hex. */
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

/** What reads the ballots of a target. */
export function formOf(target: Target): Form {
  if (target.kind === 'ballot-box') return BallotBox.create(target.address)
  if (target.kind === 'anchored') return Anchored.create(target.address)
  return ActiveCitizen2017.create(target.questions)
}
