import type pg from 'pg'

import type { Ballot } from './carriers/Carrier.ts'
import type { Signed } from './Transaction.ts'

/** A batch that is not over: what the journal knows of it. */
export type Batch = {
  batchId: number
  state: 'claimed' | 'signed' | 'sent' | 'included'
  /** Since its last step, by the database's clock. */
  ageMs: number
  nonce: number | undefined
  /** Lower-case hex, like the block's hash. */
  transactionHash: string | undefined
  blockNumber: number | undefined
  blockHash: string | undefined
}

/** Ballots taken from the outbox for one batch. */
export type Claim = { batchId: number; ballots: Ballot[] }

/** A ballot that the contract did not count, and why (SKIP_REASONS, or {@link REVERTED}). */
export type Skip = { pollId: number; voterIndex: number; reason: number }

/** Batches seen in a block. */
export type Inclusion = {
  blockNumber: number
  blockHash: string
  batches: { batchId: number; isReverted: boolean; skips: readonly Skip[] }[]
}

/** A signed transaction of the journal. */
export type Kept = Signed & { batchId: number }

/**
 * The relayer's memory, in PostgreSQL. Every function is one statement, so it happened or it did
 * not; each may be repeated. Whatever fails leaves the connection unusable: open another, which
 * reads the truth anew.
 */
export type Journal = {
  /**
   * Takes the oldest ballots into new batches of this instance, each but the last full. Neighbours
   * of a poll's register share a batch.
   */
  claim(size: { batchBallotsMax: number; batchesMax: number }): Promise<Claim[]>
  /** One more than the highest nonce that this instance ever signed; 0 at first. */
  nextNonce(): Promise<number>
  /** Keeps signed transactions, all or none. False where a claim is not ours any more: send none. */
  markSigned(signed: readonly Kept[]): Promise<boolean>
  /** Notes that a node has the transactions; also each time it is given to one again. */
  markSent(batchIds: readonly number[]): Promise<void>
  markIncluded(inclusion: Inclusion): Promise<void>
  /**
   * Blocks are not part of the chain any more: their batches are "sent" again, and what was skipped
   * in them is open again. @returns the batches.
   */
  markVanished(blockHashes: readonly string[]): Promise<number[]>
  /** Batches can vanish no more. Ballots skipped for a passing reason return to the outbox. */
  markFinal(batchIds: readonly number[]): Promise<void>
  /** This instance's batches that are not over, in nonce order. */
  unfinished(): Promise<Batch[]>
  /** Signed transactions of this instance from a nonce on, whatever became of them. */
  transactionsFrom(nonce: number, limit: number): Promise<Kept[]>
  /** The signed transactions of batches. */
  transactions(batchIds: readonly number[]): Promise<Kept[]>
  /** Gives ballots of batches back to the outbox; their transactions may still reach the chain. */
  release(batchIds: readonly number[]): Promise<void>
  /** Releases what this instance had claimed and not signed. @returns how many batches. */
  releaseUnsigned(): Promise<number>
  /**
   * Releases all batches whose relayer gave no sign of life for its lease, or only those that were
   * never signed. @returns how many.
   */
  releaseDead(which: 'all' | 'unsigned'): Promise<number>
  /** Signed transactions, of any instance, whose ballots were released; the newest first. */
  releasedTransactions(limit: number): Promise<Buffer[]>
  /** Gives the sign of life. */
  renewLeases(): Promise<void>
  /** Ballots in the outbox, counted up to `limit`. */
  outboxDepth(limit: number): Promise<number>
}

/** Skip reason of our own: the batch was mined, but the contract threw it back as a whole. */
export const REVERTED = 0

/** Skip reason of the contract that passes with time. */
const NOT_OPEN = 2

/** The journal of one instance over a connection that holds the instance's lock. */
export function over(
  client: pg.ClientBase,
  { instance, leaseMs }: { instance: string; leaseMs: number },
): Journal {
  const run = async <Row extends pg.QueryResultRow>(
    sql: string,
    values: unknown[],
  ): Promise<Row[]> => (await client.query<Row>(sql, values)).rows
  return {
    async claim({ batchBallotsMax, batchesMax }) {
      const ballotsMax = batchBallotsMax * batchesMax
      const values = [instance, leaseMs, ballotsMax, batchBallotsMax]
      const claims = new Map<string, Claim>()
      for (const row of await run<BallotRow>(CLAIM, values)) {
        const claim = claims.get(row.batch_id) ?? { batchId: Number(row.batch_id), ballots: [] }
        claim.ballots.push(toBallot(row))
        claims.set(row.batch_id, claim)
      }
      return [...claims.values()].toSorted((a, b) => a.batchId - b.batchId)
    },
    async nextNonce() {
      const [row] = await run<{ next: string | null }>(
        'select max(nonce) + 1 as next from batches where relayer = $1',
        [instance],
      )
      return Number(row?.next ?? 0)
    },
    async markSigned(signed) {
      const rows = await run(MARK_SIGNED, [
        instance,
        leaseMs,
        signed.map(({ batchId }) => batchId),
        signed.map(({ nonce }) => nonce),
        signed.map(({ raw }) => raw),
        signed.map(({ hash }) => toBytes(hash)),
      ])
      return rows.length === signed.length
    },
    markSent: async (batchIds) => void (await run(MARK_SENT, [batchIds])),
    async markIncluded({ blockNumber, blockHash, batches }) {
      const skips = batches.flatMap(({ batchId, skips: of }) =>
        of.map((skip) => ({ ...skip, batchId })),
      )
      await run(MARK_INCLUDED, [
        blockNumber,
        toBytes(blockHash),
        batches.map(({ batchId }) => batchId),
        batches.map(({ isReverted }) => isReverted),
        skips.map(({ batchId }) => batchId),
        skips.map(({ pollId }) => pollId),
        skips.map(({ voterIndex }) => voterIndex),
        skips.map(({ reason }) => reason),
      ])
    },
    async markVanished(blockHashes) {
      const rows = await run<{ batch_id: string }>(MARK_VANISHED, [
        instance,
        blockHashes.map(toBytes),
      ])
      return rows.map((row) => Number(row.batch_id))
    },
    markFinal: async (batchIds) => void (await run(MARK_FINAL, [batchIds, REVERTED, NOT_OPEN])),
    unfinished: async () => (await run<BatchRow>(UNFINISHED, [instance])).map(toBatch),
    async transactionsFrom(nonce, limit) {
      const rows = await run<TransactionRow>(TRANSACTIONS_FROM, [instance, nonce, limit])
      return rows.map(toKept)
    },
    async transactions(batchIds) {
      return (await run<TransactionRow>(TRANSACTIONS, [batchIds])).map(toKept)
    },
    release: async (batchIds) => void (await run(RELEASE, [batchIds])),
    releaseUnsigned: async () => (await run(RELEASE_UNSIGNED, [instance])).length,
    async releaseDead(which) {
      const states = which === 'all' ? UNFINISHED_STATES : ['claimed']
      return (await run(RELEASE_DEAD, [instance, states])).length
    },
    async releasedTransactions(limit) {
      const rows = await run<{ raw_transaction: Buffer }>(RELEASED_TRANSACTIONS, [limit])
      return rows.map((row) => row.raw_transaction)
    },
    renewLeases: async () => void (await run(RENEW_LEASES, [instance, leaseMs])),
    async outboxDepth(limit) {
      const [row] = await run<{ depth: string }>(OUTBOX_DEPTH, [limit])
      return Number(row?.depth ?? 0)
    },
  }
}

/**
 * `skip locked` lets several relayers claim at once without waiting for, or doubling, each other.
 * Batches are numbered in the order of their parts, so that the list of numbers is found by part.
 */
const CLAIM = `
  with picked as (
    select sequence, poll_id, voter_index, accepted_at_ms from ballots where batch_id is null
    order by sequence limit $3 for no key update skip locked
  ), placed as (
    select sequence, accepted_at_ms,
      ((row_number() over (order by poll_id, voter_index) - 1) / $4::bigint)::int as part
    from picked
  ), fresh as (
    insert into batches (relayer, state, lease_until, ballot_count, oldest_accepted_at_ms)
    select $1, 'claimed', now() + $2 * interval '1 ms', count(*), min(accepted_at_ms)
    from placed group by part order by part
    returning batch_id
  ), numbered as (select array_agg(batch_id order by batch_id) as batch_ids from fresh)
  update ballots set batch_id = numbered.batch_ids[part + 1] from placed, numbered
  where ballots.sequence = placed.sequence
  returning batch_id, poll_id, voter_index, choice, signature`

/** Locks the claims first, so that none is released between the count and the update. */
const MARK_SIGNED = `
  with mine as (
    select batch_id from batches
    where batch_id = any($3::bigint[]) and relayer = $1 and state = 'claimed' for update
  )
  update batches
  set state = 'signed', nonce = signed.nonce, raw_transaction = signed.raw,
    transaction_hash = signed.hash, lease_until = now() + $2 * interval '1 ms', updated_at = now()
  from unnest($3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[])
    as signed(batch_id, nonce, raw, hash)
  where batches.batch_id = signed.batch_id
    and (select count(*) from mine) = cardinality($3::bigint[])
  returning batches.batch_id`

const MARK_SENT = `
  update batches set state = 'sent', updated_at = now()
  where batch_id = any($1::bigint[]) and state in ('signed', 'sent')`

const MARK_INCLUDED = `
  with batch as (
    update batches
    set state = 'included', block_number = $1, block_hash = $2,
      is_reverted = included.is_reverted, updated_at = now()
    from unnest($3::bigint[], $4::boolean[]) as included(batch_id, is_reverted)
    where batches.batch_id = included.batch_id and state in ('signed', 'sent', 'included')
    returning batches.batch_id
  )
  update ballots set skip_reason = skip.reason
  from batch
  join unnest($5::bigint[], $6::bigint[], $7::bigint[], $8::smallint[])
    as skip(batch_id, poll_id, voter_index, reason) using (batch_id)
  where ballots.batch_id = batch.batch_id
    and ballots.poll_id = skip.poll_id and ballots.voter_index = skip.voter_index`

/** Also takes back what was final: a rule that was broken must not cost a ballot. */
const MARK_VANISHED = `
  with vanished as (
    update batches
    set state = 'sent', block_number = null, block_hash = null, updated_at = now()
    where relayer = $1 and state in ('included', 'final') and block_hash = any($2::bytea[])
    returning batch_id
  ), cleared as (
    update ballots set skip_reason = null from vanished
    where ballots.batch_id = vanished.batch_id and skip_reason is not null
  )
  select batch_id from vanished`

/**
 * A batch thrown back whole is tried again in smaller ones; a single ballot that is thrown back is
 * set aside with its reason, or it would be tried for ever.
 */
const MARK_FINAL = `
  with finished as (
    update batches set state = 'final', updated_at = now()
    where batch_id = any($1::bigint[]) and state = 'included'
    returning batch_id, ballot_count
  )
  update ballots set batch_id = null, skip_reason = null from finished
  where ballots.batch_id = finished.batch_id
    and (skip_reason = $3 or (skip_reason = $2 and finished.ballot_count > 1))`

const UNFINISHED_STATES = ['claimed', 'signed', 'sent', 'included']

const UNFINISHED = `
  select batch_id, state, nonce, transaction_hash, block_number, block_hash,
    extract(epoch from now() - updated_at) * 1000 as age_ms
  from batches
  where relayer = $1 and state in ('claimed', 'signed', 'sent', 'included')
  order by nonce nulls last`

const TRANSACTIONS_FROM = `
  select batch_id, nonce, raw_transaction, transaction_hash from batches
  where relayer = $1 and nonce >= $2 order by nonce limit $3`

const TRANSACTIONS = `
  select batch_id, nonce, raw_transaction, transaction_hash from batches
  where batch_id = any($1::bigint[]) and raw_transaction is not null`

const RELEASE = `
  with released as (
    update batches set state = 'released', updated_at = now()
    where batch_id = any($1::bigint[]) and state in ('claimed', 'signed', 'sent', 'included')
    returning batch_id
  )
  update ballots set batch_id = null, skip_reason = null from released
  where ballots.batch_id = released.batch_id`

const RELEASE_UNSIGNED = `
  with released as (
    update batches set state = 'released', updated_at = now()
    where relayer = $1 and state = 'claimed'
    returning batch_id
  ), freed as (
    update ballots set batch_id = null from released where ballots.batch_id = released.batch_id
  )
  select batch_id from released`

const RELEASE_DEAD = `
  with dead as (
    select batch_id from batches
    where relayer <> $1 and state = any($2::text[]) and lease_until < now()
    for update skip locked
  ), released as (
    update batches set state = 'released', updated_at = now() from dead
    where batches.batch_id = dead.batch_id
    returning batches.batch_id
  ), freed as (
    update ballots set batch_id = null, skip_reason = null from released
    where ballots.batch_id = released.batch_id
  )
  select batch_id from released`

const RELEASED_TRANSACTIONS = `
  select raw_transaction from batches
  where state = 'released' and raw_transaction is not null
  order by batch_id desc limit $1`

const RENEW_LEASES = `
  update batches set lease_until = now() + $2 * interval '1 ms'
  where relayer = $1 and state in ('claimed', 'signed', 'sent', 'included')`

const OUTBOX_DEPTH = `
  select count(*) as depth
  from (select from ballots where batch_id is null limit $1) as waiting`

/** node-postgres hands out bigint and numeric as text; none here comes near 2^53. */
type BallotRow = {
  batch_id: string
  poll_id: string
  voter_index: string
  choice: number
  signature: Buffer | null
}

type BatchRow = {
  batch_id: string
  state: Batch['state']
  nonce: string | null
  transaction_hash: Buffer | null
  block_number: string | null
  block_hash: Buffer | null
  age_ms: string
}

type TransactionRow = {
  batch_id: string
  nonce: string
  raw_transaction: Buffer
  transaction_hash: Buffer
}

function toBallot(row: BallotRow): Ballot {
  return {
    pollId: Number(row.poll_id),
    voterIndex: Number(row.voter_index),
    choice: row.choice,
    signature: row.signature ?? undefined,
  }
}

function toKept(row: TransactionRow): Kept {
  return {
    batchId: Number(row.batch_id),
    nonce: Number(row.nonce),
    raw: row.raw_transaction,
    hash: toHex(row.transaction_hash),
  }
}

function toBatch(row: BatchRow): Batch {
  return {
    batchId: Number(row.batch_id),
    state: row.state,
    ageMs: Number(row.age_ms),
    nonce: row.nonce === null ? undefined : Number(row.nonce),
    transactionHash: row.transaction_hash === null ? undefined : toHex(row.transaction_hash),
    blockNumber: row.block_number === null ? undefined : Number(row.block_number),
    blockHash: row.block_hash === null ? undefined : toHex(row.block_hash),
  }
}

function toHex(bytes: Buffer): string {
  return `0x${bytes.toString('hex')}`
}

function toBytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex')
}
