-- Up Migration

-- Where the database is the record, a signature only stands in for the login: checked at the door, and not kept.
alter table ballots alter column signature drop not null;

-- What the backlog is read from: counting a batch's ballots again and again would become the load.
alter table batches add column ballot_count integer not null default 0;
alter table batches add column oldest_accepted_at_ms bigint;
update batches set (ballot_count, oldest_accepted_at_ms) =
  (select count(*), min(accepted_at_ms) from ballots where ballots.batch_id = batches.batch_id);
-- Mined, and reverted by the contract as a whole.
alter table batches add column is_reverted boolean not null default false;

-- Signed ballots do not compress; trying costs more than it saves.
alter table batches alter column raw_transaction set storage external;

-- The few ballots that a contract did not count, found without a look at the others of their batch.
create index ballots_skipped on ballots (batch_id) where skip_reason is not null;
create index batches_final on batches (updated_at) where state = 'final';

-- Down Migration

drop index batches_final;
drop index ballots_skipped;
alter table batches alter column raw_transaction set storage extended;
alter table batches drop column is_reverted;
alter table batches drop column oldest_accepted_at_ms;
alter table batches drop column ballot_count;
alter table ballots alter column signature set not null;
