import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as Part from './Part.ts'
import * as Readiness from './Readiness.ts'
import type { Supervisor } from './Supervisor.ts'

/** A kind of process of our own: which file it runs, and what its configuration file holds. */
export type Definition<Config> = {
  role: Part.Role
  /** The file that Node runs; absolute. */
  main: string
  /** How long it may take to end in order. @default the supervisor's */
  stopTimeoutMs?: number | undefined
  /** Only a type: what the process' own schema accepts. */
  config?: Config
}

/** Where processes of our own are started. */
export type Ground = {
  supervisor: Supervisor
  /** Their configurations lie here, where only the user reads them. */
  configFolder: string
  /** Flags for Node, for example of a profiler. @default none */
  nodeFlags?: ((name: string) => readonly string[]) | undefined
  /** Files that run in place of a part's own, by its name: a part that lies. @default none */
  substitutes?: Readonly<Record<string, string>> | undefined
}

/** A part that serves. */
export type Serving = { part: Part.Part; url: string }

/** A process starts in about 1 s; on a machine that is busy or cold, in many. */
const READY_TIMEOUT_MS = 120_000

/**
 * Starts one of our own processes over a configuration file, and waits until it says that it serves.
 * A configuration that names its port keeps the address over restarts.
 *
 * @param number - from 1; the name follows from it and the role.
 * @throws the supervisor's errors.
 */
export async function startPart<Config>(
  { supervisor, configFolder, nodeFlags, substitutes }: Ground,
  definition: Definition<Config>,
  config: Config,
  number = 1,
): Promise<Serving> {
  const { role, main, stopTimeoutMs } = definition
  const name = Part.nameOf(role, number)
  const file = join(configFolder, `${name}.json`)
  writeFileSync(file, JSON.stringify(config, undefined, 2), { mode: 0o600 })
  const url = await supervisor.start({
    name,
    command: process.execPath,
    args: [...(nodeFlags?.(name) ?? []), substitutes?.[name] ?? main, file],
    ready: Readiness.line,
    readyTimeoutMs: READY_TIMEOUT_MS,
    stopTimeoutMs,
  })
  return { part: Part.of(supervisor, role, number), url }
}
