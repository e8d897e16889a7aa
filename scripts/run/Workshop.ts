import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as Readiness from '../../chain/processes/Readiness.ts'
import * as Supervisor from '../../chain/processes/Supervisor.ts'
import type { Progress } from '../Progress.ts'
import type { RunFolder } from './RunFolder.ts'
import type { RunOptions } from './RunOptions.ts'

/** A process that ended by itself, and how. */
export type Death = { name: string; text: string }

/** What every stage of a run works with. */
export type Workshop = {
  options: RunOptions
  folder: RunFolder
  progress: Progress
  supervisor: Supervisor.Supervisor
  /** Processes that ended without being told to. */
  deaths: Death[]
  /**
   * Starts one of our own processes: its configuration is written beside the run, and it is ready
   * when it says so.
   *
   * @param stopTimeoutMs - how long it may take to end in order. @default the supervisor's
   * @returns the URL that it serves.
   */
  startOwn(
    name: string,
    main: string,
    config: Record<string, unknown>,
    stopTimeoutMs?: number,
  ): Promise<string>
  /** Writes a private key of this run where only its owner reads it; gives the file. */
  writeKey(name: string, key: Uint8Array): string
  /** Stops all processes in order; data and keys go unless the user keeps them. */
  close(): Promise<void>
  /** Ends all processes at once: the user's second Ctrl-C. */
  killAll(): void
}

const ROOT = join(import.meta.dirname, '../..')

/** An own process starts in about 1 s; on a machine that is busy or cold, in several. */
const READY_TIMEOUT_MS = 60_000

export function create(options: RunOptions, folder: RunFolder, progress: Progress): Workshop {
  const deaths: Death[] = []
  const supervisor = Supervisor.create({
    logFolder: folder.logFolder,
    onUnexpectedExit: ({ name, code, signal }) => {
      deaths.push({ name, text: `${name} (${signal ?? `code ${code}`}; see logs/${name}.log)` })
    },
  })
  if (!options.keepData) {
    for (const path of [folder.dataFolder, folder.configFolder]) supervisor.ownFolder(path)
  }
  return {
    options,
    folder,
    progress,
    supervisor,
    deaths,
    close: () => supervisor.stopAll(),
    killAll() {
      for (const { name, isRunning } of supervisor.list()) {
        if (isRunning) supervisor.kill(name, 'SIGKILL')
      }
    },
    async startOwn(name, main, config, stopTimeoutMs) {
      const file = join(folder.configFolder, `${name}.json`)
      writeFileSync(file, JSON.stringify(config, undefined, 2), { mode: 0o600 })
      return supervisor.start({
        name,
        command: process.execPath,
        args: [join(ROOT, main), file],
        ready: Readiness.line,
        readyTimeoutMs: READY_TIMEOUT_MS,
        stopTimeoutMs,
      })
    },
    writeKey(name, key) {
      const file = join(folder.configFolder, `${name}.key`)
      writeFileSync(file, Buffer.from(key).toString('hex'), { mode: 0o600 })
      return file
    },
  }
}
