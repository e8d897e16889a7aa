import type { Pool as PgPool } from 'pg'

import * as Ballots from '../../../chain/database/Ballots.ts'
import * as Polls from '../../../chain/database/Polls.ts'
import * as Migrations from '../../../chain/database/Migrations.ts'
import * as Pool from '../../../chain/database/Pool.ts'
import type { PollOnChain } from '../../../chain/contracts/deploy.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import { startServer } from '../../rig/startDatabase.ts'
import type { BenchRig } from './BenchRig.ts'

/** The database of the system, durable as in a run. */
export type Database = {
  url: string
  /** Its files, for the disk to be measured. */
  folder: string
  pool: PgPool
  /** Ballots that no batch has claimed. */
  queued(): Promise<number>
}

/** Starts a server of its own in the host's data and makes its tables. */
export async function open({
  host,
  onClose,
}: Pick<BenchRig, 'host' | 'onClose'>): Promise<Database> {
  const server = await startServer(host)
  await Migrations.apply(server.url)
  const pool = Pool.create(
    { url: server.url, connectionsMax: 1, name: 'bench' },
    Pool.PATIENT_LIMITS,
  )
  onClose(() => pool.end())
  return {
    url: server.url,
    folder: server.folder,
    pool,
    queued: () => Ballots.countQueued(pool),
  }
}

/** Tells the database of a poll that stands on the chain. */
export async function addPoll({ pool }: Database, poll: PollOnChain): Promise<void> {
  const pollDigest = Buffer.from(poll.pollDigest.slice(2), 'hex')
  await Polls.insert(pool, [{ ...poll, pollDigest }])
}

/** Ballots in one statement: below the second that a statement may take. */
const ROWS = 4096

/**
 * Puts the ballots of a relayed spool into the outbox as the API would have; only the receipts, which
 * nobody reads here, are of zeros.
 */
export async function fill(
  { pool }: Database,
  records: Buffer,
  { poll, domain }: { poll: PollOnChain; domain: Ballot.Domain },
): Promise<void> {
  const separator = Ballot.domainSeparator(domain)
  const pollDigest = Buffer.from(poll.pollDigest.slice(2), 'hex')
  const digests = poll.options.map((_, choice) =>
    Ballot.digest(separator, { pollId: poll.pollId, pollDigest, choice }),
  )
  const size = Spool.RECORD_SIZE_BYTES.api
  const count = records.length / size
  for (let first = 0; first < count; first += ROWS) {
    const rows = Array.from({ length: Math.min(ROWS, count - first) }, (_, index) =>
      Spool.decodeSigned(records, (first + index) * size),
    )
    await pool.query(
      `insert into ballots
         (ballot_hash, poll_id, voter_index, choice, signature, accepted_at_ms, receipt_signature)
       select *, 0, $6::bytea
       from unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::smallint[], $5::bytea[])`,
      [
        rows.map(({ ballot, voter }) => Ballot.hash(digests[ballot.choice] ?? pollDigest, voter)),
        rows.map(({ ballot }) => ballot.pollId),
        rows.map(({ ballot }) => ballot.voterIndex),
        rows.map(({ ballot }) => ballot.choice),
        rows.map(({ ballot }) => Buffer.from(ballot.signature)),
        Buffer.alloc(65),
      ],
    )
  }
}

/** Rows of a statement without a single value from outside: a quarter of a second. */
const UNSIGNED_ROWS = 20_000

/** Voters beyond any register: no contract looks at them. Prime, as the stride between two. */
const VOTERS = 2 ** 31 - 1
const STRIDE = 7919

/**
 * Puts ballots `first` … `first + count − 1` into the outbox as the API does where the database is
 * the record: their signatures were checked and are gone.
 */
export async function fillUnsigned(
  { pool }: Database,
  poll: PollOnChain,
  { first, count }: { first: number; count: number },
): Promise<void> {
  for (let from = first; from < first + count; from += UNSIGNED_ROWS) {
    const last = Math.min(from + UNSIGNED_ROWS, first + count) - 1
    await pool.query(
      `insert into ballots
         (ballot_hash, poll_id, voter_index, choice, signature, accepted_at_ms, receipt_signature)
       select sha256(int8send($2 * 4294967296 + at)), $2, at * $3 % $4, at % 4, null, 0, $5::bytea
       from generate_series($1::bigint, $6::bigint) as at`,
      [from, poll.pollId, STRIDE, VOTERS, Buffer.alloc(65), last],
    )
  }
}
