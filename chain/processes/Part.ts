import type { Exit } from './OwnedProcess.ts'
import type { Supervisor } from './Supervisor.ts'

/** What a process does in a run. Several may share a role; then they differ by number. */
export type Role =
  | 'validator'
  | 'observer'
  | 'postgres'
  | 'api'
  | 'relayer'
  | 'witness'
  | 'feeder'
  | 'k6'
  | 'probe'
  | 'resender'
  | 'prometheus'
  | 'attacker'

/**
 * A process of a rig, as something that can be measured, paused and killed. It stays the same part
 * over restarts, at the same addresses.
 */
export type Part = {
  /** The role, from the second on with a number: `relayer`, `relayer-2`. Also the name of its log. */
  name: string
  role: Role
  /** Of the process that runs now, or of the last one. */
  pid(): number
  isRunning(): boolean
  /** Freezes it and all that it started (SIGSTOP). */
  pause(): void
  /** Lets it go on (SIGCONT). */
  resume(): void
  /** Ends it without a warning (SIGKILL); resolves when nothing of it is left. */
  kill(): Promise<Exit>
  /** Ends it in order. Nothing happens where it has ended already. */
  stop(): Promise<void>
  /** Starts it as it was started first, where needed after an end in order; resolves when it is ready. */
  restart(): Promise<void>
}

/** What a part is called everywhere: in logs, records and messages. */
export function nameOf(role: Role, number = 1): string {
  return number === 1 ? role : `${role}-${number}`
}

/** The part that a supervisor runs under its name; it may not have been started yet. */
export function of(supervisor: Supervisor, role: Role, number = 1): Part {
  const name = nameOf(role, number)
  return {
    name,
    role,
    pid: () => supervisor.pid(name),
    isRunning: () => supervisor.isRunning(name),
    pause: () => void supervisor.kill(name, 'SIGSTOP'),
    resume: () => void supervisor.kill(name, 'SIGCONT'),
    kill() {
      supervisor.kill(name, 'SIGKILL')
      return supervisor.exit(name)
    },
    stop: () => supervisor.stop(name),
    restart: async () => void (await supervisor.restart(name)),
  }
}
