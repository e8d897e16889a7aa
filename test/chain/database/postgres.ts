import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as EmbeddedPostgres from '../../../chain/database/EmbeddedPostgres.ts'
import * as Migrations from '../../../chain/database/Migrations.ts'
import * as Pool from '../../../chain/database/Pool.ts'
import { SILENT } from '../../../scripts/Progress.ts'
import * as Host from '../../../scripts/rig/Host.ts'
import { startServer } from '../../../scripts/rig/startDatabase.ts'

/** A real server in a folder of its own, for one test file. */
export type Postgres = {
  url: string
  folder: string
  /** Kills every process of the server at once, as a crash would. */
  crash(): Promise<void>
  /** Starts the server again in the same folder and waits until it answers. */
  restart(): Promise<void>
  pid(): number
  /** Stops the server and deletes the folder. */
  dispose(): Promise<void>
}

export type Options = {
  /** In place of the safe ones. */
  settings?: Readonly<Record<string, string>> | undefined
  /** Whether it has the tables. @default true */
  migrated?: boolean | undefined
}

export async function start(options: Options = {}): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-postgres-'))
  const host = Host.create({ folder, progress: SILENT })
  return { ...(await startOn(host, options)), folder, dispose: () => close(host) }
}

/** Connections of a test, which waits longer than a voter would. @param connectionsMax - @default 2 */
export function connect(url: string, connectionsMax = 2): Pool.Pool {
  return Pool.create({ url, connectionsMax, name: 'test' }, Pool.PATIENT_LIMITS)
}

/** Starts it under a host that has other parts too, and ends with it. */
export async function startOn(
  host: Host.Host,
  { settings, migrated = true }: Options = {},
): Promise<Omit<Postgres, 'folder' | 'dispose'>> {
  const { url, part } = await startServer(host, settings)
  if (migrated) await Migrations.apply(url)
  return {
    url,
    pid: () => part.pid(),
    restart: () => part.restart(),
    async crash() {
      await EmbeddedPostgres.crash(part.pid())
      await host.supervisor.exit(part.name)
    },
  }
}

/** Stops all of a host and deletes its folder. */
export async function close(host: Host.Host): Promise<void> {
  await host.close()
  rmSync(host.folder, { recursive: true, force: true })
}
