-- Up Migration

create table polls (
  poll_id bigint primary key,
  poll_digest bytea not null check (length(poll_digest) = 32),
  question text not null,
  options jsonb not null,
  -- Unix seconds, as the contract holds them.
  opens_at bigint not null,
  closes_at bigint not null,
  seals_at bigint not null
);

-- The relayer's journal: a transaction that may have been sent is never forgotten, and never signed anew.
create table batches (
  batch_id bigint generated always as identity primary key,
  relayer text not null,
  -- claimed -> signed -> sent -> included -> final; claimed -> released when the lease ran out unsigned.
  state text not null check (state in ('claimed', 'signed', 'sent', 'included', 'final', 'released')),
  lease_until timestamptz not null,
  nonce bigint,
  raw_transaction bytea,
  transaction_hash bytea,
  block_number bigint,
  block_hash bytea,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (state in ('claimed', 'released') or (nonce is not null and raw_transaction is not null)),
  unique (relayer, nonce)
);
create index batches_unfinished on batches (relayer, nonce) where state in ('claimed', 'signed', 'sent', 'included');

-- The ballots and, while batch_id is null, the outbox.
create table ballots (
  sequence bigint generated always as identity primary key,
  ballot_hash bytea not null unique check (length(ballot_hash) = 32),
  poll_id bigint not null references polls,
  voter_index bigint not null,
  choice smallint not null,
  signature bytea not null check (length(signature) = 65),
  accepted_at_ms bigint not null,
  receipt_signature bytea not null check (length(receipt_signature) = 65),
  batch_id bigint references batches,
  -- The contract's reason where it skipped the ballot (BallotSkipped); null while none is known.
  skip_reason smallint,
  unique (poll_id, voter_index)
);
create index ballots_outbox on ballots (sequence) where batch_id is null;
create index ballots_by_batch on ballots (batch_id) where batch_id is not null;

-- Down Migration

drop table ballots;
drop table batches;
drop table polls;
