import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { runner } from 'node-pg-migrate'

import type * as Pool from './Pool.ts'

const FOLDER = join(import.meta.dirname, 'migrations')
const TABLE = 'migrations'

/**
 * Brings the schema up to date, all pending migrations in one transaction; several callers at once
 * wait for each other.
 *
 * @returns the names of the migrations that were applied now.
 */
export async function apply(url: string): Promise<string[]> {
  const applied = await runner({
    databaseUrl: url,
    dir: FOLDER,
    migrationsTable: TABLE,
    direction: 'up',
    singleTransaction: true,
    advisoryLockMode: 'wait',
    log: () => undefined,
  })
  return applied.map(({ name }) => name)
}

/** The names of the migrations that the database has not seen yet, in order. */
export async function pending(pool: Pool.Pool): Promise<string[]> {
  const names = (await readdir(FOLDER)).map((file) => basename(file, '.sql')).toSorted()
  const table = await pool.query<{ table: string | null }>('select to_regclass($1) as table', [
    TABLE,
  ])
  if (table.rows[0]?.table === null) return names
  const { rows } = await pool.query<{ name: string }>(`select name from ${TABLE}`)
  const applied = new Set(rows.map(({ name }) => name))
  return names.filter((name) => !applied.has(name))
}
