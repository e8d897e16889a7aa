import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Ground } from '../../chain/processes/startPart.ts'
import * as Supervisor from '../../chain/processes/Supervisor.ts'
import type { Progress } from '../Progress.ts'

/** A process that ended without being told to, and how. */
export type PartExit = { name: string; text: string }

/** Where the parts of a rig or of a run live: their supervisor, their folders, and who is told. */
export type Host = Ground & {
  /** Absolute; logs, data and configurations lie in it. */
  folder: string
  /** Data of nodes, database and Prometheus; removed with the configurations unless they are kept. */
  dataFolder: string
  progress: Progress
  /** In the order in which they happened. */
  exits: PartExit[]
  /** Writes a private key of a role where only its owner reads it; gives the file. */
  writeKey(role: string, key: Uint8Array): string
  /** Stops all processes in order; data and keys go unless they are kept. */
  close(): Promise<void>
  /** Ends all processes at once: the user's second Ctrl-C. */
  killAll(): void
}

export type Options = {
  /** Made where it is missing. */
  folder: string
  progress: Progress
  /** Whether data and configurations stay. @default false */
  keepData?: boolean | undefined
  /** Told of each part that ends without being told to, beside {@link Host.exits}. @default nobody */
  onExit?: ((exit: PartExit) => void) | undefined
  /** Flags for Node, for example of a profiler. @default none */
  nodeFlags?: Ground['nodeFlags']
  /** Files that run in place of parts' own, by name. @default none */
  substitutes?: Ground['substitutes']
  /** Puts something around the supervisor, for example a profiler of nodes. @default nothing */
  around?: ((supervisor: Supervisor.Supervisor) => Supervisor.Supervisor) | undefined
}

export function create(options: Options): Host {
  const { folder, progress, keepData = false, onExit, nodeFlags, substitutes, around } = options
  const configFolder = join(folder, 'config')
  const dataFolder = join(folder, 'data')
  for (const path of [configFolder, dataFolder]) mkdirSync(path, { recursive: true })
  const exits: PartExit[] = []
  const supervised = Supervisor.create({
    logFolder: join(folder, 'logs'),
    onUnexpectedExit: ({ name, code, signal }) => {
      const exit = { name, text: `${name} (${signal ?? `code ${code}`}; see logs/${name}.log)` }
      exits.push(exit)
      onExit?.(exit)
    },
  })
  const supervisor = around?.(supervised) ?? supervised
  if (!keepData) for (const path of [dataFolder, configFolder]) supervisor.ownFolder(path)
  return {
    folder,
    configFolder,
    dataFolder,
    supervisor,
    nodeFlags,
    substitutes,
    progress,
    exits,
    writeKey(role, key) {
      const file = join(configFolder, `${role}.key`)
      writeFileSync(file, Buffer.from(key).toString('hex'), { mode: 0o600 })
      return file
    },
    close: () => supervisor.stopAll(),
    killAll() {
      for (const { name, isRunning } of supervisor.list()) {
        if (isRunning) supervisor.kill(name, 'SIGKILL')
      }
    },
  }
}
