import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type * as Pool from '../../../chain/database/Pool.ts'
import { createReadOnlyAccount } from '../../../chain/database/readOnlyAccount.ts'
import * as Postgres from './postgres.ts'

const ACCOUNT = { name: 'an "auditor"', password: "it's a secret" }

let postgres: Postgres.Postgres
let pool: Pool.Pool

beforeAll(async () => {
  postgres = await Postgres.start()
  const url = await createReadOnlyAccount(postgres.url, ACCOUNT)
  pool = Postgres.connect(url, 1)
})
afterAll(async () => {
  await pool?.end()
  await postgres?.dispose()
})

describe('createReadOnlyAccount', () => {
  test.each(['ballots', 'polls', 'batches'])('default: reads %s', async (name) => {
    expect((await pool.query(`select * from ${name}`)).rows).toEqual([])
  })

  test.each([
    'insert into polls values (1, null, null, null, 1, 2, 3)',
    'update ballots set choice = 1',
    'delete from ballots',
    'truncate batches',
    'drop table ballots',
    'create table mine (one int)',
    'alter table ballots disable trigger all',
    'do $$ begin lock table ballots in exclusive mode; end $$',
    'select nextval(pg_get_serial_sequence($$ballots$$, $$sequence$$))',
    'select * from migrations',
  ])('error: %s', async (statement) => {
    // The setting is only a default that the account can lift; its rights must hold without it.
    await pool.query('set default_transaction_read_only = off')
    await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' })
  })

  test('behavior: once more with another password', async () => {
    const url = await createReadOnlyAccount(postgres.url, { ...ACCOUNT, password: 'new' })
    expect(new URL(url).password).toBe('new')
    const again = Postgres.connect(url, 1)
    expect((await again.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await again.end()
  })

  test('error: no tables yet', async () => {
    const empty = await Postgres.start({ migrated: false })
    await expect(createReadOnlyAccount(empty.url, ACCOUNT)).rejects.toMatchObject({ code: '42P01' })
    await empty.dispose()
  })
})
