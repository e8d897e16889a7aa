import type { Slice } from '../../scenarios/ballots/Poll.ts'
import type * as Pool from './Pool.ts'

/** A poll as the API serves it: what was created on the chain. */
export type Poll = {
  pollId: number
  /** 32 bytes; see Poll.digest of scenarios/ballots. */
  pollDigest: Uint8Array
  question: string
  options: readonly string[]
  /** Absent where the whole register may vote. */
  slice?: Slice | undefined
  /** Unix seconds, like the two below: the API accepts from here … */
  opensAt: number
  /** … until here. */
  closesAt: number
  /** The last block timestamp that counts. */
  sealsAt: number
}

/**
 * Tells the database which polls there are; whoever created them on the chain does this once.
 * A poll that is there already fails the whole insertion (SQLSTATE 23505): it belongs to another run.
 */
export async function insertPolls(client: Pool.Queryable, polls: readonly Poll[]): Promise<void> {
  await client.query(
    `insert into polls (poll_id, poll_digest, question, options, opens_at, closes_at, seals_at, first_voter, voter_count)
     select * from unnest($1::bigint[], $2::bytea[], $3::text[], $4::jsonb[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])`,
    [
      polls.map(({ pollId }) => pollId),
      polls.map(({ pollDigest }) => Buffer.from(pollDigest)),
      polls.map(({ question }) => question),
      polls.map(({ options }) => JSON.stringify(options)),
      polls.map(({ opensAt }) => opensAt),
      polls.map(({ closesAt }) => closesAt),
      polls.map(({ sealsAt }) => sealsAt),
      polls.map(({ slice }) => slice?.firstVoter ?? null),
      polls.map(({ slice }) => slice?.voterCount ?? null),
    ],
  )
}
