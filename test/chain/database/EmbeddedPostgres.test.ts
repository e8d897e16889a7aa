import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as EmbeddedPostgres from '../../../chain/database/EmbeddedPostgres.ts'
import * as Durability from '../../../chain/database/Durability.ts'
import * as Polls from '../../../chain/database/Polls.ts'
import * as Migrations from '../../../chain/database/Migrations.ts'
import * as Pool from '../../../chain/database/Pool.ts'
import * as City from '../api/city.ts'
import * as Postgres from './postgres.ts'

let postgres: Postgres.Postgres
let pool: Pool.Pool

beforeAll(async () => {
  postgres = await Postgres.start({ migrated: false })
  pool = Postgres.connect(postgres.url)
})

afterAll(async () => {
  await pool.end()
  await postgres.dispose()
})

async function setting(name: string): Promise<string | undefined> {
  const rows = await Pool.read<{ value: string }>(pool, {
    text: 'select current_setting($1) as value',
    values: [name],
  })
  return rows[0]?.value
}

describe('initialise', () => {
  test('default: durable, on loopback only, behind a password', async () => {
    expect(Durability.problems(await Durability.readSettings(pool))).toEqual([])
    expect(await setting('listen_addresses')).toBe('127.0.0.1')
    expect(await setting('unix_socket_directories')).toBe('')
    expect(Number(await setting('server_version_num'))).toBeGreaterThanOrEqual(180_000)
    const url = new URL(postgres.url)
    url.password = 'wrong'
    const stranger = Postgres.connect(url.href, 1)
    await expect(Pool.read(stranger, { text: 'select 1' })).rejects.toThrow(Pool.UnreachableError)
    await stranger.end()
  })

  test('behavior: one process that the caller owns by its pid, and not as root', () => {
    const status = readFileSync(`/proc/${postgres.pid()}/status`, 'utf8')
    expect(status).toMatch(/^Name:\tpostgres$/m)
    expect(status).not.toMatch(/^Uid:\t0\t/m)
  })

  test('behavior: taken up again with what was in it', { timeout: 30_000 }, async () => {
    await pool.query('create table kept as select 1 as one')
    await postgres.crash()
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    expect(left).not.toContain(postgres.folder)
    await postgres.restart()
    expect(await Pool.read(pool, { text: 'select one from kept' })).toEqual([{ one: 1 }])
  })

  test('error: a folder that cannot be', async () => {
    const options = { folder: '/etc/passwd/postgres', port: 1 }
    await expect(EmbeddedPostgres.initialise(options)).rejects.toThrow(
      EmbeddedPostgres.InitialiseError,
    )
  })
})

describe('ready', () => {
  test('error: nobody there', async () => {
    await expect(EmbeddedPostgres.ready('postgres://127.0.0.1:9/x', 150)).rejects.toThrow(
      EmbeddedPostgres.NotReadyError,
    )
  })
})

describe('Migrations', () => {
  test('default: applied once, also by two at once', async () => {
    const names = await Migrations.pending(pool)
    expect(names).toContain('001_ballots')
    const applied = await Promise.all([
      Migrations.apply(postgres.url),
      Migrations.apply(postgres.url),
    ])
    expect(applied.flat()).toEqual(names)
    expect(await Migrations.pending(pool)).toEqual([])
  })
})

describe('Polls.insert', () => {
  test('default', async () => {
    await Polls.insert(pool, [City.poll(1, 1000), City.poll(2, 1000)])
    expect(
      await Pool.read(pool, { text: 'select poll_id, options, seals_at from polls order by 1' }),
    ).toEqual([
      { poll_id: '1', options: ['Yes', 'No', 'Neither'], seals_at: '1660' },
      { poll_id: '2', options: ['Yes', 'No', 'Neither'], seals_at: '1660' },
    ])
  })

  test('error: a poll of another run, and then none of the new ones', async () => {
    await expect(
      Polls.insert(pool, [City.poll(3, 1000), City.poll(2, 1000)]),
    ).rejects.toMatchObject({ code: '23505' })
    expect(await Pool.read(pool, { text: 'select 1 from polls where poll_id = 3' })).toEqual([])
  })
})

describe('Durability', () => {
  test('default: problems of each weak setting', () => {
    const weak = { fsync: 'off', synchronousCommit: 'off', fullPageWrites: 'off' }
    const words = Durability.problems(weak).map((sentence) => sentence.split(' ')[0])
    expect(words).toEqual(['fsync', 'synchronous_commit', 'full_page_writes'])
    const strong = { fsync: 'on', synchronousCommit: 'local', fullPageWrites: 'on' }
    expect(Durability.problems(strong)).toEqual([])
  })

  test('behavior: each commit syncs the log', { timeout: 20_000 }, async () => {
    await pool.query('create table commits (i int)')
    const before = await Durability.readWalSyncCount(pool)
    for (let i = 0; i < 50; i++) await pool.query('insert into commits values (1)')
    await expect
      .poll(() => Durability.readWalSyncCount(pool), { timeout: 10_000, interval: 300 })
      .toBeGreaterThanOrEqual(before + 50)
  })

  test('behavior: the storage below a folder', async () => {
    const storage = await Durability.measureStorage(postgres.folder, () => performance.now())
    expect(storage.filesystem).toMatch(/^[a-z0-9]+$/)
    expect(storage.fsyncMsP50).toBeGreaterThan(0)
    expect(storage.fsyncMsMax).toBeGreaterThanOrEqual(storage.fsyncMsP50)
  })
})
