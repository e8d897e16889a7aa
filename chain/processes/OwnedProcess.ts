import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as ProcessTable from './ProcessTable.ts'

/** How a process ended: with a code, or by a signal. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null }

/** A running process in a group of its own, whose output goes to a log file. */
export type OwnedProcess = {
  identity: ProcessTable.Identity
  /** Settles when the process has ended and nothing of its group is left. */
  exit: Promise<Exit>
  /** What it wrote since this start, at most the last {@link LOG_BYTES_MAX} bytes. */
  readLog: () => Promise<string>
  /** Signals the whole group; false where nothing of it is left. */
  signal(signal: NodeJS.Signals): boolean
  /** Asks it to end, and kills it when it has not done so in time. */
  stop(signal: NodeJS.Signals, timeoutMs: number): Promise<Exit>
  /** Lets it outlive us: from now on it is no reason for this process to stay. */
  release(): void
}

export type Command = {
  command: string
  args: readonly string[]
  /** On top of {@link INHERITED}. */
  env?: Readonly<Record<string, string>> | undefined
  cwd?: string | undefined
}

/**
 * The only variables that a process gets from ours. No proxy is among them: loads never leave by a
 * way that the user did not name.
 */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'TZ',
  'TMPDIR',
  'NODE_V8_COVERAGE',
  'NODE_COMPILE_CACHE',
  'NODE_OPTIONS',
] as const

/** Enough for a readiness line or a stack trace, and no danger to memory. */
const LOG_BYTES_MAX = 256 * 1024

/** How long the kernel may take to end what was killed; longer means stuck in a system call. */
const KILL_TIMEOUT_MS = 10_000

/**
 * Starts a program and hands it over once the kernel has it.
 *
 * @throws {@link SpawnError} where the program cannot be run.
 */
export async function start(
  name: string,
  command: Command,
  logPath: string,
): Promise<OwnedProcess> {
  const log = openSync(logPath, 'a')
  const logStart = statSync(logPath).size
  const child = spawn(command.command, command.args, {
    cwd: command.cwd,
    env: { ...inheritedEnvironment(), ...command.env },
    // A session of its own: Ctrl-C in the terminal reaches us alone, and we stop the rest in order.
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  // The kernel keeps the entry until our event loop runs again, even of a process that has ended.
  const identity = child.pid === undefined ? undefined : ProcessTable.identify(child.pid)
  if (identity === undefined) {
    const [error] = await once(child, 'error')
    throw new SpawnError(name, command.command, error)
  }
  const exit = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      ProcessTable.signalGroup(identity, 'SIGKILL')
      resolve({ code, signal })
    })
  })
  const signal = (wanted: NodeJS.Signals): boolean => ProcessTable.signalGroup(identity, wanted)
  return {
    identity,
    exit,
    signal,
    readLog: () => readFrom(logPath, logStart),
    release: () => child.unref(),
    async stop(wanted, timeoutMs) {
      signal(wanted)
      // A paused process takes no signal but this one and SIGKILL.
      signal('SIGCONT')
      const ended = await within(exit, timeoutMs)
      if (ended !== undefined) return ended
      signal('SIGKILL')
      const killed = await within(exit, KILL_TIMEOUT_MS)
      if (killed === undefined) throw new StuckError(name, identity.pid)
      return killed
    },
  }
}

function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((key) => {
      const value = process.env[key]
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

async function within<Value>(
  promise: Promise<Value>,
  timeoutMs: number,
): Promise<Value | undefined> {
  const controller = new AbortController()
  const timeout = sleep(timeoutMs, undefined, { signal: controller.signal }).catch(() => undefined)
  try {
    return await Promise.race([promise, timeout])
  } finally {
    controller.abort()
  }
}

async function readFrom(path: string, offset: number): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const position = Math.max(offset, size - LOG_BYTES_MAX)
    const buffer = Buffer.alloc(Math.max(0, size - position))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The program could not be run at all. */
export class SpawnError extends BallotstormError {
  override readonly name = 'OwnedProcess.SpawnError'
  readonly code = 'PROCESS_SPAWN'
  readonly exitCode = 107
  readonly remedy = 'Check that the program exists and may be run.'
  constructor(name: string, command: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`${name} (${command}) could not be started: ${reason}.`, { cause })
  }
}

/** Not even SIGKILL ended it. */
export class StuckError extends BallotstormError {
  override readonly name = 'OwnedProcess.StuckError'
  readonly code = 'PROCESS_STUCK'
  readonly exitCode = 107
  readonly remedy = 'End it by hand before the next run.'
  constructor(name: string, pid: number) {
    super(
      `${name} (pid ${pid}) did not end within ${KILL_TIMEOUT_MS / 1000} s of SIGKILL: it hangs in the ` +
        'kernel, most often on a disk.',
    )
  }
}
