import type { Slice } from '../../scenarios/ballots/Poll.ts'
import * as Pool from './Pool.ts'

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
export async function insert(client: Pool.Queryable, polls: readonly Poll[]): Promise<void> {
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

/** The poll; `undefined` where there is none. */
export async function find(pool: Pool.Pool, pollId: number): Promise<Poll | undefined> {
  const text = `select ${COLUMNS} from polls where poll_id = $1`
  const [row] = await Pool.read<Row>(pool, { text, values: [pollId] })
  return row && fromRow(row)
}

/** At most `limit` polls after `afterPollId`, in the order of their numbers. */
export async function list(pool: Pool.Pool, afterPollId: number, limit: number): Promise<Poll[]> {
  const text = `select ${COLUMNS} from polls where poll_id > $1 order by poll_id limit $2`
  return (await Pool.read<Row>(pool, { text, values: [afterPollId, limit] })).map(fromRow)
}

function fromRow(row: Row): Poll {
  return {
    pollId: Number(row.poll_id),
    pollDigest: row.poll_digest,
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
