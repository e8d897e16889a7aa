-- Up Migration

-- Where only a slice of the register may vote: voters from first_voter on, so many as voter_count says.
alter table polls
  add column first_voter bigint check (first_voter >= 0),
  add column voter_count bigint check (voter_count > 0),
  add check ((first_voter is null) = (voter_count is null));

-- Down Migration

alter table polls
  drop column first_voter,
  drop column voter_count;
