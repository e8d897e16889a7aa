import * as Pool from './Pool.ts'

/**
 * The statements of the relayer's journal, each whole by itself; `chain/relayer/Journal.ts` says what
 * they do.
 */

/**
 * `skip locked` lets several relayers claim at once without waiting for, or doubling, each other.
 * Batches are numbered in the order of their parts, so that the list of numbers is found by part.
 */
export const CLAIM = `
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
export const MARK_SIGNED = `
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

export const MARK_SENT = `
  update batches set state = 'sent', updated_at = now()
  where batch_id = any($1::bigint[]) and state in ('signed', 'sent')`

export const MARK_INCLUDED = `
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
export const MARK_VANISHED = `
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
 * A batch that was reverted whole is tried again in smaller ones; a single ballot that was reverted is
 * set aside with its reason, or it would be tried for ever.
 */
export const MARK_FINAL = `
  with finished as (
    update batches set state = 'final', updated_at = now()
    where batch_id = any($1::bigint[]) and state = 'included'
    returning batch_id, ballot_count
  )
  update ballots set batch_id = null, skip_reason = null from finished
  where ballots.batch_id = finished.batch_id
    and (skip_reason = $3 or (skip_reason = $2 and finished.ballot_count > 1))`

/** A batch that is not over is in one of these. */
export const UNFINISHED_STATES = ['claimed', 'signed', 'sent', 'included']

export const UNFINISHED = `
  select batch_id, state, nonce, transaction_hash, block_number, block_hash,
    extract(epoch from now() - updated_at) * 1000 as age_ms
  from batches
  where relayer = $1 and state in ('claimed', 'signed', 'sent', 'included')
  order by nonce nulls last`

export const TRANSACTIONS_FROM = `
  select batch_id, nonce, raw_transaction, transaction_hash from batches
  where relayer = $1 and nonce >= $2 order by nonce limit $3`

export const TRANSACTIONS = `
  select batch_id, nonce, raw_transaction, transaction_hash from batches
  where batch_id = any($1::bigint[]) and raw_transaction is not null`

export const RELEASE = `
  with released as (
    update batches set state = 'released', updated_at = now()
    where batch_id = any($1::bigint[]) and state in ('claimed', 'signed', 'sent', 'included')
    returning batch_id
  )
  update ballots set batch_id = null, skip_reason = null from released
  where ballots.batch_id = released.batch_id`

export const RELEASE_UNSIGNED = `
  with released as (
    update batches set state = 'released', updated_at = now()
    where relayer = $1 and state = 'claimed'
    returning batch_id
  ), freed as (
    update ballots set batch_id = null from released where ballots.batch_id = released.batch_id
  )
  select batch_id from released`

export const RELEASE_DEAD = `
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

export const RELEASED_TRANSACTIONS = `
  select raw_transaction from batches
  where state = 'released' and raw_transaction is not null
  order by batch_id desc limit $1`

/** Of transactions, by hash, those that a relayer signed. */
export const OWN = `
  select transaction_hash from batches where transaction_hash = any($1::bytea[])`

export const RENEW_LEASES = `
  update batches set lease_until = now() + $2 * interval '1 ms'
  where relayer = $1 and state in ('claimed', 'signed', 'sent', 'included')`

export const OUTBOX_DEPTH = `
  select count(*) as depth
  from (select from ballots where batch_id is null limit $1) as waiting`

/** One more than the highest nonce that a relayer ever signed; null at first. */
export const NEXT_NONCE = 'select max(nonce) + 1 as next from batches where relayer = $1'

/** Whether the lock of a class and a name is ours now; it goes with the connection. */
export const TRY_LOCK = 'select pg_try_advisory_lock($1, hashtext($2)) as locked'

/** The signed transaction of a batch; `undefined` where there is none. */
export async function transactionOf(pool: Pool.Pool, batchId: number): Promise<Buffer | undefined> {
  const [row] = await Pool.read<{ raw_transaction: Buffer | null }>(pool, {
    name: 'select-batch',
    text: 'select raw_transaction from batches where batch_id = $1',
    values: [batchId],
  })
  return row?.raw_transaction ?? undefined
}
