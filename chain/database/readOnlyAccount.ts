import { Client, escapeIdentifier, escapeLiteral } from 'pg'

/** An account of the database server. */
export type Account = { name: string; password: string }

/** What a reader who holds the database against the voters' history must see, and no more. */
const TABLES = ['ballots', 'polls', 'batches'] as const

/**
 * Makes an account that can read ballots, polls and batches and change nothing; one of that name that
 * is there gets the password, and keeps what rights it had. The tables must be there: apply the
 * migrations first.
 *
 * @param url - of an account that may make others.
 * @returns the URL for the new account.
 */
export async function createReadOnlyAccount(url: string, account: Account): Promise<string> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(grants(account, client.database ?? ''))
  } finally {
    await client.end()
  }
  const own = new URL(url)
  own.username = encodeURIComponent(account.name)
  own.password = encodeURIComponent(account.password)
  return own.href
}

/** Several statements in one query are one transaction: all of it or nothing. */
function grants({ name, password }: Account, database: string): string {
  const role = escapeIdentifier(name)
  return `
    do $do$ begin
      if not exists (select from pg_roles where rolname = ${escapeLiteral(name)}) then
        create role ${role};
      end if;
    end $do$;
    alter role ${role} login password ${escapeLiteral(password)};
    alter role ${role} set default_transaction_read_only = on;
    grant connect on database ${escapeIdentifier(database)} to ${role};
    grant usage on schema public to ${role};
    grant select on ${TABLES.join(', ')} to ${role};
  `
}
