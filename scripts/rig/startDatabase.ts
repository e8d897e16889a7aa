import { join } from 'node:path'

import * as Durability from '../../chain/database/Durability.ts'
import * as EmbeddedPostgres from '../../chain/database/EmbeddedPostgres.ts'
import * as Migrations from '../../chain/database/Migrations.ts'
import * as Pool from '../../chain/database/Pool.ts'
import { createReadOnlyAccount } from '../../chain/database/readOnlyAccount.ts'
import { freePort } from '../../chain/processes/freePort.ts'
import * as Part from '../../chain/processes/Part.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import type { Host } from './Host.ts'
import type { RigOptions } from './RigOptions.ts'

/** The database of a system, and what decides whether its commits last. */
export type Database = {
  url: string
  /** The same with an account that can only read, for those who check. */
  readOnlyUrl: string
  version: string
  settings: Durability.Settings
  storage: Durability.Storage | undefined
  /** Undefined where the user brought it. */
  part: Part.Part | undefined
}

/** A cluster is new, so there is no log to replay. */
const READY_TIMEOUT_MS = 60_000

/** Starts a server of our own, or prepares the user's. */
export async function startDatabase(
  host: Host,
  { postgresUrl, seed }: Pick<RigOptions, 'postgresUrl' | 'seed'>,
): Promise<Database> {
  if (postgresUrl !== undefined) {
    await EmbeddedPostgres.ready(postgresUrl)
    return { ...(await prepare(postgresUrl, seed)), storage: undefined, part: undefined }
  }
  const { url, folder, part } = await startServer(host)
  const storage = await Durability.measureStorage(folder, () => performance.now())
  return { ...(await prepare(url, seed)), storage, part }
}

/**
 * An empty server of our own; its files lie in a folder of the host's data.
 *
 * @param settings - in place of the safe ones. @default none
 */
export async function startServer(
  { supervisor, dataFolder }: Pick<Host, 'supervisor' | 'dataFolder'>,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ url: string; folder: string; part: Part.Part }> {
  const folder = join(dataFolder, 'postgres')
  const server = await EmbeddedPostgres.initialise({ folder, port: await freePort(), settings })
  const part = Part.of(supervisor, 'postgres')
  await supervisor.start({
    name: part.name,
    command: server.command,
    args: server.args,
    stopSignal: server.stopSignal,
    ready: () => EmbeddedPostgres.ready(server.url),
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  return { url: server.url, folder, part }
}

/** Brings the schema up to date, makes the account of those who check, and asks what the server is. */
async function prepare(url: string, seed: string): Promise<Omit<Database, 'storage' | 'part'>> {
  await Migrations.apply(url)
  const readOnlyUrl = await createReadOnlyAccount(url, {
    name: 'ballotstorm_reader',
    password: Electorate.rolePrivateKey(seed, 'reader').toString('hex'),
  })
  return Pool.use({ url, name: 'harness' }, async (pool) => {
    const settings = await Durability.readSettings(pool)
    return { url, readOnlyUrl, version: await Durability.readVersion(pool), settings }
  })
}
