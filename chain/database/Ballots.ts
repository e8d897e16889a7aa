import type { ClientBase } from 'pg'

import * as Pool from './Pool.ts'

/** A checked ballot with its signed receipt, as the table `ballots` keeps it. */
export type Entry = {
  /** 32 bytes. */
  ballotHash: Buffer
  pollId: number
  voterIndex: number
  choice: number
  /** The voter's, 65 bytes; `undefined` where it is not kept. */
  signature: Buffer | undefined
  /** Unix milliseconds. */
  acceptedAtMs: number
  /** Ours, 65 bytes. */
  receiptSignature: Buffer
}

/** The receipt of a ballot that is stored. */
export type Receipted = Pick<Entry, 'ballotHash' | 'acceptedAtMs' | 'receiptSignature'>

/**
 * Stores ballots in one statement, all that it may; a voter's second ballot in a poll, and one that is
 * there already, are left out.
 *
 * @returns how many were new.
 */
export async function insert(client: ClientBase, entries: readonly Entry[]): Promise<number> {
  const { rowCount } = await client.query({
    name: 'insert-ballots',
    text: `insert into ballots
      (ballot_hash, poll_id, voter_index, choice, signature, accepted_at_ms, receipt_signature)
      select * from unnest
        ($1::bytea[], $2::bigint[], $3::bigint[], $4::smallint[], $5::bytea[], $6::bigint[], $7::bytea[])
      on conflict do nothing`,
    values: [
      entries.map(({ ballotHash }) => ballotHash),
      entries.map(({ pollId }) => pollId),
      entries.map(({ voterIndex }) => voterIndex),
      entries.map(({ choice }) => choice),
      entries.map(({ signature }) => signature ?? null),
      entries.map(({ acceptedAtMs }) => acceptedAtMs),
      entries.map(({ receiptSignature }) => receiptSignature),
    ],
  })
  return rowCount ?? 0
}

/** Of these ballots those that are stored, with the receipts that count. */
export async function findReceipts(
  client: ClientBase,
  ballotHashes: readonly Buffer[],
): Promise<Receipted[]> {
  type Row = { ballot_hash: Buffer; accepted_at_ms: string; receipt_signature: Buffer }
  const { rows } = await client.query<Row>({
    name: 'select-ballots',
    text: `select ballot_hash, accepted_at_ms, receipt_signature from ballots
      where ballot_hash = any($1::bytea[])`,
    values: [ballotHashes],
  })
  return rows.map((row) => ({
    ballotHash: row.ballot_hash,
    acceptedAtMs: Number(row.accepted_at_ms),
    receiptSignature: row.receipt_signature,
  }))
}

/** A stored ballot, its poll's sealing time, and the batch that holds it; null where there is none. */
export type Standing = {
  poll_id: string
  voter_index: string
  choice: number
  batch_id: string | null
  accepted_at_ms: string
  receipt_signature: Buffer
  seals_at: string
  skip_reason: number | null
  state: string | null
  block_number: string | null
  transaction_hash: Buffer | null
}

/** What has become of a ballot; `undefined` where it is not stored. */
export async function find(pool: Pool.Pool, ballotHash: Buffer): Promise<Standing | undefined> {
  const [row] = await Pool.read<Standing>(pool, {
    name: 'select-receipt',
    text: `select poll_id, voter_index, choice, batch_id, accepted_at_ms, receipt_signature, seals_at,
        skip_reason, state, block_number, transaction_hash
      from ballots join polls using (poll_id) left join batches using (batch_id)
      where ballot_hash = $1`,
    values: [ballotHash],
  })
  return row
}

/** The outbox and what is under way. */
export type Waiting = {
  /** In no included batch yet. */
  ballots: number
  /** When the oldest of them was accepted, Unix milliseconds; undefined where there is none. */
  oldestAcceptedAtMs: number | undefined
  /** Ballots whose batch became final in the last seconds that were asked for. */
  finalBallots: number
}

/**
 * Counts what waits. Ballots are counted as they become final: that happens to each once and keeps its
 * time, and in the long run it is the rate of inclusion.
 */
export async function countWaiting(pool: Pool.Pool, windowS: number): Promise<Waiting> {
  const { rows } = await pool.query<{ ballots: number; oldest: string | null; final: number }>({
    name: 'read-backlog',
    text: `
      select (outbox.ballots + under_way.ballots)::int as ballots,
        least(
          (select accepted_at_ms from ballots where batch_id is null order by sequence limit 1),
          under_way.oldest
        ) as oldest,
        (select coalesce(sum(ballot_count), 0)::int from batches
         where state = 'final' and not is_reverted
           and updated_at > now() - make_interval(secs => $1)) as final
      from (select count(*) as ballots from ballots where batch_id is null) as outbox,
        (select coalesce(sum(ballot_count), 0) as ballots, min(oldest_accepted_at_ms) as oldest
         from batches where state in ('claimed', 'signed', 'sent')) as under_way`,
    values: [windowS],
  })
  const [row] = rows
  if (row === undefined) throw new TypeError('PostgreSQL counted nothing')
  return {
    ballots: row.ballots,
    oldestAcceptedAtMs: row.oldest === null ? undefined : Number(row.oldest),
    finalBallots: row.final,
  }
}

/** Ballots in the outbox. */
export async function countQueued(pool: Pool.Pool): Promise<number> {
  const text = 'select count(*)::int as count from ballots where batch_id is null'
  const [row] = await Pool.read<{ count: number }>(pool, { text })
  return row?.count ?? 0
}

/** The highest index of a voter who has a ballot in the poll; −1 where nobody has. */
export async function highestVoter(pool: Pool.Pool, pollId: number): Promise<number> {
  const [row] = await Pool.read<{ index: string | null }>(pool, {
    text: 'select max(voter_index) as index from ballots where poll_id = $1',
    values: [pollId],
  })
  return Number(row?.index ?? -1)
}

/** Ballots of a poll for each choice that has any, of the voters from `first` until before `end`. */
export async function countChoices(
  pool: Pool.Pool,
  pollId: number,
  { first, end }: { first: number; end: number },
): Promise<{ choice: number; count: number }[]> {
  const rows = await Pool.read<{ choice: number; count: string }>(pool, {
    text: `select choice, count(*) from ballots
      where poll_id = $1 and voter_index >= $2 and voter_index < $3 group by choice`,
    values: [pollId, first, end],
  })
  return rows.map(({ choice, count }) => ({ choice, count: Number(count) }))
}

/** The highest sequence number that was given out to a ballot that is stored; 0 where there is none. */
export async function lastSequence(pool: Pool.Pool): Promise<number> {
  const text = 'select coalesce(max(sequence), 0)::float8 as last from ballots'
  const [row] = await Pool.read<{ last: number }>(pool, { text })
  return row?.last ?? 0
}
