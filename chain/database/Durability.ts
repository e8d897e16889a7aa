import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

import * as Pool from './Pool.ts'

/** What decides whether a commit outlives a crash, as the server reports it. */
export type Settings = {
  fsync: string
  /** As our own connection sees it: a role or a database may have one of its own. */
  synchronousCommit: string
  fullPageWrites: string
}

/** Where the data lies, and how long it takes to reach the disk. */
export type Storage = {
  /** Such as `ext4`; `unknown` where the kernel does not tell. */
  filesystem: string
  /** Median over {@link FSYNC_SAMPLES} writes of 8 KiB, each followed by an fdatasync. */
  fsyncMsP50: number
  fsyncMsMax: number
}

/** Enough for a steady median, and less than a second on a slow disk. */
export const FSYNC_SAMPLES = 50

/** One page of PostgreSQL's log. */
const PAGE_BYTES = 8192

/**
 * Reads the settings over a connection like those that commit ballots.
 *
 * @throws {Pool.UnreachableError} where the database gives no answer.
 */
export async function readSettings(pool: Pool.Pool): Promise<Settings> {
  const [settings] = await Pool.read<Settings>(pool, {
    text: `select current_setting('fsync') as fsync,
                  current_setting('synchronous_commit') as "synchronousCommit",
                  current_setting('full_page_writes') as "fullPageWrites"`,
  })
  if (settings === undefined) throw new TypeError('PostgreSQL returned no settings')
  return settings
}

/**
 * The version of the server, for example `18.4`.
 *
 * @throws {Pool.UnreachableError} where the database gives no answer.
 */
export async function readVersion(pool: Pool.Pool): Promise<string> {
  const [row] = await Pool.read<{ version: string }>(pool, {
    text: `select current_setting('server_version') as version`,
  })
  return row?.version ?? 'unknown'
}

/**
 * Why an acknowledged ballot could be lost under these settings, as sentences; none where it could
 * not. (`local` and `remote_write` flush the log here before they answer, so they are not weak.)
 */
export function problems(settings: Settings): string[] {
  const found: string[] = []
  if (settings.fsync !== 'on') {
    found.push(
      `fsync is ${settings.fsync}: a crash of the machine loses ballots. Set it to on and restart PostgreSQL.`,
    )
  }
  if (settings.synchronousCommit === 'off') {
    found.push(
      'synchronous_commit is off: commits are confirmed before they are on disk. Set it to on.',
    )
  }
  if (settings.fullPageWrites !== 'on') {
    found.push(
      `full_page_writes is ${settings.fullPageWrites}: a torn page cannot be repaired after a crash. Set it to on.`,
    )
  }
  return found
}

/**
 * How often the server has synced its log to disk since its statistics began; a crash of the server
 * sets them back to 0. It counts calls that were made, so it does not grow while `fsync` is off. Each
 * server process reports about once a second and when it goes.
 */
export async function readWalSyncCount(client: Pool.Queryable): Promise<number> {
  const version = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  )
  const { rows } = await client.query<{ count: string | null }>(
    (version.rows[0]?.version ?? 0) >= 180_000
      ? `select sum(fsyncs)::text as count from pg_stat_io where object = 'wal'`
      : 'select wal_sync::text as count from pg_stat_wal',
  )
  return Number(rows[0]?.count ?? 0)
}

/**
 * Measures the file system that holds `folder`, by writing a file there and deleting it.
 *
 * @param nowMs - a monotonic clock, such as `performance.now`.
 */
export async function measureStorage(folder: string, nowMs: () => number): Promise<Storage> {
  const file = join(folder, 'fsync-probe')
  const page = Buffer.alloc(PAGE_BYTES, 1)
  const samplesMs: number[] = []
  const handle = await open(file, 'w')
  try {
    for (let sample = 0; sample < FSYNC_SAMPLES; sample++) {
      const startMs = nowMs()
      await handle.write(page)
      await handle.datasync()
      samplesMs.push(nowMs() - startMs)
    }
  } finally {
    await handle.close()
    await rm(file, { force: true })
  }
  samplesMs.sort((a, b) => a - b)
  return {
    filesystem: await filesystemOf(folder),
    fsyncMsP50: samplesMs[FSYNC_SAMPLES >> 1] ?? Number.NaN,
    fsyncMsMax: samplesMs.at(-1) ?? Number.NaN,
  }
}

/** The type of the mount with the longest path above `folder`. */
async function filesystemOf(folder: string): Promise<string> {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '')
  let best = { path: '', type: 'unknown' }
  for (const line of mounts.split('\n')) {
    const [, path, type] = line.split(' ')
    if (path === undefined || type === undefined) continue
    const holds = folder === path || folder.startsWith(path.endsWith('/') ? path : `${path}/`)
    if (holds && path.length >= best.path.length) best = { path, type }
  }
  return best.type
}
