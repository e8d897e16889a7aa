import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as OwnedProcess from './OwnedProcess.ts'
import * as ProcessTable from './ProcessTable.ts'
import * as Readiness from './Readiness.ts'
import * as Watchdog from './Watchdog.ts'

/**
 * Owns every process of a run: each is known by pid and start time, has its readiness check, its
 * log and its deadline, and is stopped on any exit, also when this process is killed.
 */
export type Supervisor = {
  /**
   * Starts a process and waits until it is ready.
   *
   * @returns what its readiness check gave.
   * @throws what a process of ours has told before it ended, else EarlyExitError; NotReadyError,
   * NameTakenError, ClosedError, OwnedProcess.SpawnError.
   */
  start<Info>(options: StartOptions<Info>): Promise<Info>
  /** Stops it where it still runs, then starts it as it was started first, with the same check. */
  restart(name: string): Promise<unknown>
  /** Stops it in order. Nothing happens where it has ended already. */
  stop(name: string): Promise<void>
  /**
   * Stops all in the reverse order of their start, removes the owned folders and dismisses the
   * watchdog. Nothing can be started afterwards. May be called again.
   */
  stopAll(): Promise<void>
  /**
   * Sends a signal to a process and all it started; a fault on purpose, so its end is expected.
   *
   * @returns false where it had ended before.
   */
  kill(name: string, signal: NodeJS.Signals): boolean
  /** Waits for the end of a process. */
  exit(name: string): Promise<OwnedProcess.Exit>
  /** @throws UnknownNameError */
  pid(name: string): number
  /** False also where no process was ever started under that name. */
  isRunning(name: string): boolean
  list(): ProcessStatus[]
  /** The folder is removed by {@link Supervisor.stopAll}, and after a crash of this process. */
  ownFolder(path: string): void
  /** The folder stays after all. */
  disownFolder(path: string): void
}

export type Options = {
  /** Each process writes `<name>.log` here; made where it is missing. */
  logFolder: string
  /** Called for each process that was ready and ended though nobody had asked it to. */
  onUnexpectedExit?: ((end: UnexpectedExit) => void) | undefined
}

export type StartOptions<Info> = OwnedProcess.Command & {
  /** Unique among the running processes; also the name of its log. */
  name: string
  ready: (context: Readiness.Context) => Promise<Info>
  readyTimeoutMs: number
  /** A `task` ends by itself; a `service` must not. @default 'service' */
  lifetime?: 'service' | 'task' | undefined
  /** @default 'SIGTERM' */
  stopSignal?: NodeJS.Signals | undefined
  /** After this time it is killed. @default 10_000 */
  stopTimeoutMs?: number | undefined
}

export type UnexpectedExit = OwnedProcess.Exit & {
  name: string
  pid: number
  /** The last lines of its log. */
  logTail: string
}

export type ProcessStatus = ProcessTable.Identity & {
  name: string
  isRunning: boolean
  /** CPU seconds of it and its children; 0 once it has ended. */
  cpuS: number
}

type Owned = {
  options: StartOptions<unknown>
  running: OwnedProcess.OwnedProcess
  isReady: boolean
  isEndExpected: boolean
  isRunning: boolean
}

type State = Options & {
  watchdog: Watchdog.Watchdog
  /** In the order of their latest starts; ended ones stay, so that they can be restarted. */
  processes: Map<string, Owned>
  starting: Set<string>
  folders: Set<string>
  closing?: Promise<void> | undefined
}

const STOP_TIMEOUT_MS_DEFAULT = 10_000

/** A supervisor with nothing to supervise yet; its watchdog runs from now on. */
export function create(options: Options): Supervisor {
  const { logFolder, onUnexpectedExit } = options
  mkdirSync(logFolder, { recursive: true })
  const watchdog = Watchdog.start(logFolder, () => {
    onUnexpectedExit?.({ name: 'watchdog', pid: 0, code: null, signal: null, logTail: '' })
  })
  const processes = new Map<string, Owned>()
  const folders = new Set<string>()
  const state: State = { ...options, watchdog, processes, folders, starting: new Set() }
  const find = (name: string): Owned => {
    const owned = processes.get(name)
    if (owned === undefined) throw new UnknownNameError(name, [...processes.keys()])
    return owned
  }
  return {
    start: (startOptions) => start(state, startOptions),
    async restart(name) {
      const owned = find(name)
      await stop(owned)
      return start(state, owned.options)
    },
    stop: (name) => stop(find(name)),
    stopAll: () => (state.closing ??= close(state)),
    kill(name, signal) {
      const owned = find(name)
      if (!owned.isRunning) return false
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') owned.isEndExpected = true
      return owned.running.signal(signal)
    },
    exit: (name) => find(name).running.exit,
    pid: (name) => find(name).running.identity.pid,
    isRunning: (name) => processes.get(name)?.isRunning === true,
    list: () => [...processes.values()].map(status),
    ownFolder(path) {
      folders.add(path)
      watchdog.send({ kind: 'ownFolder', path })
    },
    disownFolder(path) {
      folders.delete(path)
      watchdog.send({ kind: 'disownFolder', path })
    },
  }
}

async function start<Info>(state: State, options: StartOptions<Info>): Promise<Info> {
  const { name } = options
  const { processes, starting } = state
  if (state.closing !== undefined) throw new ClosedError(name)
  if (starting.has(name) || processes.get(name)?.isRunning === true) throw new NameTakenError(name)
  starting.add(name)
  try {
    const owned = await launch(state, options)
    // Whoever closed us meanwhile has not seen this process.
    if (state.closing !== undefined) await stop(owned)
    const info = await awaitReady(owned, options)
    owned.isReady = true
    return info
  } finally {
    starting.delete(name)
  }
}

async function launch(state: State, options: StartOptions<unknown>): Promise<Owned> {
  const { name, lifetime } = options
  const { watchdog, processes, logFolder } = state
  const running = await OwnedProcess.start(name, options, join(logFolder, `${name}.log`))
  const { identity } = running
  watchdog.send({ kind: 'own', identity })
  const isEndExpected = lifetime === 'task'
  const owned: Owned = { options, running, isReady: false, isEndExpected, isRunning: true }
  processes.delete(name)
  processes.set(name, owned)
  void watchEnd(state, owned)
  return owned
}

async function watchEnd({ watchdog, onUnexpectedExit }: State, owned: Owned): Promise<void> {
  const { options, running } = owned
  const { identity } = running
  const exit = await running.exit
  owned.isRunning = false
  watchdog.send({ kind: 'disown', identity })
  if (!owned.isReady || owned.isEndExpected) return
  const logTail = await readTail(running)
  onUnexpectedExit?.({ name: options.name, pid: identity.pid, ...exit, logTail })
}

/** Races the readiness check against the process' end and the deadline. */
async function awaitReady<Info>(owned: Owned, options: StartOptions<Info>): Promise<Info> {
  const { name, ready, readyTimeoutMs } = options
  const { running } = owned
  const { identity, readLog } = running
  const controller = new AbortController()
  const { signal } = controller
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
  const timer = setTimeout(() => controller.abort(new Error('deadline')), readyTimeoutMs)
  const early = running.exit.then(async (exit): Promise<never> => {
    const logTail = await readTail(running)
    throw Readiness.lastWords(name, logTail) ?? new EarlyExitError(name, exit, logTail)
  })
  try {
    return await Promise.race([ready({ pid: identity.pid, signal, readLog }), early, late])
  } catch (error) {
    const problem = signal.aborted
      ? new NotReadyError(name, readyTimeoutMs, await readTail(running))
      : error
    await stop(owned)
    throw problem
  } finally {
    clearTimeout(timer)
    controller.abort(new Error(`${name} is awaited no more.`))
  }
}

async function stop(owned: Owned): Promise<void> {
  const { options, running } = owned
  owned.isEndExpected = true
  const { stopSignal = 'SIGTERM', stopTimeoutMs = STOP_TIMEOUT_MS_DEFAULT } = options
  if (owned.isRunning) await running.stop(stopSignal, stopTimeoutMs)
}

async function close({ processes, folders, watchdog }: State): Promise<void> {
  const problems: unknown[] = []
  for (const owned of [...processes.values()].toReversed()) {
    await stop(owned).catch((error: unknown) => problems.push(error))
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  await watchdog.dismiss()
  if (problems.length > 0) throw new AggregateError(problems, problems.map(String).join('\n'))
}

function status({ options, running, isRunning }: Owned): ProcessStatus {
  const { identity } = running
  const cpuS = isRunning ? ProcessTable.cpuSeconds(identity.pid) : 0
  return { ...identity, name: options.name, isRunning, cpuS }
}

const TAIL_LINES = 20

async function readTail(running: OwnedProcess.OwnedProcess): Promise<string> {
  // The log folder may be gone, and the end of the process matters more than its last words.
  const log = await running.readLog().catch(() => '')
  return log.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
}

function describeExit({ code, signal }: OwnedProcess.Exit): string {
  return signal === null ? `with code ${code}` : `by ${signal}`
}

/** The process ended before it was ready. */
export class EarlyExitError extends BallotstormError {
  override readonly name = 'Supervisor.EarlyExitError'
  readonly code = 'PROCESS_EARLY_EXIT'
  readonly exitCode = 107
  readonly remedy = 'See the rest of its log in the folder `logs`.'
  readonly exit: OwnedProcess.Exit
  constructor(name: string, exit: OwnedProcess.Exit, logTail: string) {
    super(
      `${name} ended ${describeExit(exit)} before it was ready. The end of its log:\n${logTail}`,
    )
    this.exit = exit
  }
}

/** The process was not ready at its deadline. */
export class NotReadyError extends BallotstormError {
  override readonly name = 'Supervisor.NotReadyError'
  readonly code = 'PROCESS_NOT_READY'
  readonly exitCode = 107
  readonly remedy =
    'See the rest of its log in the folder `logs`; on a busy machine, try again when it is quiet.'
  constructor(name: string, timeoutMs: number, logTail: string) {
    super(`${name} was not ready within ${timeoutMs / 1000} s. The end of its log:\n${logTail}`)
  }
}

/** A running process has that name. */
export class NameTakenError extends BallotstormError {
  override readonly name = 'Supervisor.NameTakenError'
  readonly code = 'PROCESS_NAME_TAKEN'
  readonly exitCode = 1
  readonly remedy = 'Stop that process first, or choose another name.'
  constructor(name: string) {
    super(`A process called \`${name}\` runs already.`)
  }
}

/** No process was ever started under that name. */
export class UnknownNameError extends BallotstormError {
  override readonly name = 'Supervisor.UnknownNameError'
  readonly code = 'PROCESS_UNKNOWN'
  readonly exitCode = 1
  readonly remedy = 'Name a process that was started.'
  constructor(name: string, known: readonly string[]) {
    super(`No process is called \`${name}\`; there are: ${known.join(', ') || 'none'}.`)
  }
}

/** All was stopped; nothing starts any more. */
export class ClosedError extends BallotstormError {
  override readonly name = 'Supervisor.ClosedError'
  readonly code = 'SUPERVISOR_CLOSED'
  readonly exitCode = 1
  readonly remedy = 'Create another supervisor.'
  constructor(name: string) {
    super(`\`${name}\` was not started: everything is being stopped.`)
  }
}
