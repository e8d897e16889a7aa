import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

import { own } from './own.ts'

/** A process of a test: started, asked, killed by its id, and its words kept. */
export type Child = {
  pid: number
  /** From the ready line of our own processes. */
  url: string
  /** All that it wrote so far. */
  output(): string
  isAlive(): boolean
  /** Sends a signal and waits for the end; resolves with exit code or signal. */
  kill(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
  /** Waits for an end that it comes to by itself. */
  exited(): Promise<number | NodeJS.Signals | null>
}

const READY_TIMEOUT_MS = 20_000

/** Starts a process of ours (`main.ts`) and waits for its ready line. */
export async function startMain(
  main: string,
  configFile: string,
  environment: Record<string, string> = {},
): Promise<Child> {
  const child = startCommand(process.execPath, [main, configFile], environment)
  for (let waitedMs = 0; waitedMs < READY_TIMEOUT_MS; waitedMs += 10) {
    const ready = /^\{"ready":true,"url":"([^"]+)"\}$/m.exec(child.output())
    if (ready !== null) return { ...child, url: ready[1] ?? '' }
    if (!child.isAlive()) throw new Error(`${main} ended:\n${child.output()}`)
    await sleep(10)
  }
  await child.kill()
  throw new Error(`${main} is not ready:\n${child.output()}`)
}

/** Starts any program. */
export function startCommand(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Child {
  const child = own(
    spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      detached: true,
    }),
  )
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-200_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', (code, signal) => resolve(code ?? signal))
  })
  return {
    pid: child.pid ?? 0,
    url: '',
    output: () => output,
    isAlive: () => isAlive(child),
    exited: () => ended,
    async kill(signal = 'SIGKILL') {
      if (isAlive(child)) child.kill(signal)
      return ended
    },
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

/** Resolves once the condition holds; fails with `what` after `timeoutMs`. */
export async function until(
  what: string | (() => string),
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 30_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadlineMs) {
      throw new Error(`Not within ${timeoutMs} ms: ${typeof what === 'string' ? what : what()}`)
    }
    await sleep(20)
  }
}
