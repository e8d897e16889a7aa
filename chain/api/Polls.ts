import { Type, type Static } from 'typebox'

import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import { SliceSchema } from '../../scenarios/ballots/Poll.ts'
import * as Pool from '../database/Pool.ts'

/** A poll as the API answers it. */
export const Schema = Type.Object(
  {
    pollId: Type.Integer(),
    pollDigest: Type.String({ pattern: '^0x[0-9a-f]{64}$' }),
    question: Type.String(),
    options: Type.Array(Type.String()),
    slice: Type.Optional(
      Type.Object(SliceSchema.properties, {
        additionalProperties: false,
        description: 'The part of the register that may vote; absent where all of it may.',
      }),
    ),
    opensAt: Type.Integer({ description: 'Unix seconds; ballots are accepted from here …' }),
    closesAt: Type.Integer({ description: '… until here.' }),
    sealsAt: Type.Integer({ description: 'The last block timestamp that counts.' }),
  },
  { additionalProperties: false, description: 'A poll.' },
)

export type Poll = Static<typeof Schema>

/** A poll, and what its voters sign for each choice (EIP-712 digests of 32 bytes). */
export type Known = { poll: Poll; digests: Buffer[] }

export type Polls = {
  /**
   * The poll, or `undefined` where there is none. Polls never change, so each is read once: about
   * 10 kB for one of 100 options.
   */
  get(pollId: number): Promise<Known | undefined>
  /** At most `limit` polls after `afterPollId`, in the order of their numbers. */
  list(afterPollId: number, limit: number): Promise<Poll[]>
}

const COLUMNS =
  'poll_id, poll_digest, question, options, opens_at, closes_at, seals_at, first_voter, voter_count'

type Row = {
  poll_id: string
  poll_digest: Buffer
  question: string
  options: string[]
  opens_at: string
  closes_at: string
  seals_at: string
  first_voter: string | null
  voter_count: string | null
}

/** The polls of the database; both functions reject with Pool.UnreachableError where it is away. */
export function create(pool: Pool.Pool, domain: Ballot.Domain): Polls {
  const separator = Ballot.domainSeparator(domain)
  const known = new Map<number, Known>()
  return {
    async get(pollId) {
      const found = known.get(pollId)
      if (found !== undefined) return found
      const [row] = await Pool.read<Row>(pool, {
        text: `select ${COLUMNS} from polls where poll_id = $1`,
        values: [pollId],
      })
      if (row === undefined) return undefined
      const digests = row.options.map((_, choice) =>
        Ballot.digest(separator, { pollId, pollDigest: row.poll_digest, choice }),
      )
      const fresh = { poll: fromRow(row), digests }
      known.set(pollId, fresh)
      return fresh
    },
    async list(afterPollId, limit) {
      const rows = await Pool.read<Row>(pool, {
        text: `select ${COLUMNS} from polls where poll_id > $1 order by poll_id limit $2`,
        values: [afterPollId, limit],
      })
      return rows.map(fromRow)
    },
  }
}

function fromRow(row: Row): Poll {
  return {
    pollId: Number(row.poll_id),
    pollDigest: `0x${row.poll_digest.toString('hex')}`,
    question: row.question,
    options: row.options,
    ...(row.first_voter !== null && {
      slice: { firstVoter: Number(row.first_voter), voterCount: Number(row.voter_count) },
    }),
    opensAt: Number(row.opens_at),
    closesAt: Number(row.closes_at),
    sealsAt: Number(row.seals_at),
  }
}
