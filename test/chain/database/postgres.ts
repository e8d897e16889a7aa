import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as EmbeddedPostgres from '../../../chain/database/EmbeddedPostgres.ts'
import * as Migrations from '../../../chain/database/Migrations.ts'
import { freePort } from '../../../chain/processes/freePort.ts'
import { own } from '../../helpers/own.ts'

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

export async function start(
  options: { settings?: Record<string, string>; migrated?: boolean } = {},
): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'ballotstorm-postgres-'))
  const port = await freePort()
  const server = await EmbeddedPostgres.initialise({ folder, port, settings: options.settings })
  let child: ChildProcess | undefined

  async function restart(): Promise<void> {
    child = own(spawn(server.command, server.args, { stdio: 'ignore', detached: true }))
    await EmbeddedPostgres.ready(server.url)
  }

  await restart()
  if (options.migrated ?? true) await Migrations.apply(server.url)

  return {
    url: server.url,
    folder,
    restart,
    pid: () => child?.pid ?? 0,
    async crash() {
      if (child?.pid === undefined) return
      const exited = once(child, 'exit')
      await EmbeddedPostgres.crash(child.pid)
      await exited
    },
    async dispose() {
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit')
        child.kill(server.stopSignal)
        await exited
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}
