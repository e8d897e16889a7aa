import { Type, type Static } from 'typebox'

import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import { SliceSchema } from '../../scenarios/ballots/Poll.ts'
import type * as Pool from '../database/Pool.ts'
import * as Table from '../database/Polls.ts'

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

/** The polls of the database; both functions reject with Pool.UnreachableError where it is away. */
export function create(pool: Pool.Pool, domain: Ballot.Domain): Polls {
  const separator = Ballot.domainSeparator(domain)
  const known = new Map<number, Known>()
  return {
    async get(pollId) {
      const found = known.get(pollId)
      if (found !== undefined) return found
      const poll = await Table.find(pool, pollId)
      if (poll === undefined) return undefined
      const { pollDigest } = poll
      const digests = poll.options.map((_, choice) =>
        Ballot.digest(separator, { pollId, pollDigest, choice }),
      )
      const fresh = { poll: toJson(poll), digests }
      known.set(pollId, fresh)
      return fresh
    },
    list: async (afterPollId, limit) => (await Table.list(pool, afterPollId, limit)).map(toJson),
  }
}

/** As the API writes it: the digest in hex. */
function toJson({ pollDigest, options, slice, ...poll }: Table.Poll): Poll {
  return {
    ...poll,
    pollDigest: `0x${Buffer.from(pollDigest).toString('hex')}`,
    options: [...options],
    ...(slice !== undefined && { slice }),
  }
}
