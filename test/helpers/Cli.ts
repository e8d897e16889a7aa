import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import * as Run from '../../metrics/Run.ts'
import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'
import { own } from './own.ts'

const ROOT = join(import.meta.dirname, '../..')

/** A call of the command line that is under way. */
export type Cli = {
  child: ChildProcess
  /** Where its run folder goes; in the command line of every process that the run starts. */
  outFolder: string
  /** Everything it has written to stderr so far. */
  stderr(): string
  end: Promise<{ exitCode: number | null; stdout: string; stderr: string }>
  /** The run record that it left. */
  record(): Run.Run
  /** Ends it where it still runs, and removes what it left. */
  dispose(): Promise<void>
}

/** Starts `storm <words>` as a user would, with a folder of its own for the run. */
export function start(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Cli {
  const outFolder = mkdtempSync(join(tmpdir(), 'ballotstorm-e2e-'))
  const isRun = words[0] === 'run' || words[0] === 'compare-designs'
  const args = ['scripts/cli.ts', ...words, ...(isRun ? ['--out', outFolder] : [])]
  const child = own(
    spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...environment },
      detached: true,
    }),
  )
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const end = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>(
    (resolve) => {
      child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
    },
  )
  return {
    child,
    outFolder,
    stderr: () => stderr,
    end,
    record: () => Run.read(join(runFolder(outFolder), 'run.json')),
    async dispose() {
      if (child.exitCode === null) child.kill('SIGTERM')
      await end
      rmSync(outFolder, { recursive: true, force: true })
    },
  }
}

/** The one run folder below `outFolder`. */
export function runFolder(outFolder: string): string {
  const [name] = readdirSync(outFolder)
  if (name === undefined) throw new Error(`${outFolder} holds no run folder`)
  return join(outFolder, name)
}

/** Waits until the text shows up on stderr. */
export async function said(cli: Cli, text: string, timeoutMs = 90_000): Promise<void> {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += 50) {
    if (cli.stderr().includes(text)) return
    if (cli.child.exitCode !== null) break
    await sleep(50)
  }
  throw new Error(`"${text}" was not said; stderr:\n${cli.stderr()}`)
}

/** The attempts in the history of its run; waits for the first. */
export async function attempts(cli: Cli, timeoutMs = 90_000): Promise<HistoryLine.Attempt[]> {
  const file = join(runFolder(cli.outFolder), 'history/attempts.log')
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += 50) {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
    const found = lines.flatMap((line) => HistoryLine.parseAttempt(line) ?? [])
    if (found.length > 0) return found
    if (cli.child.exitCode !== null) break
    await sleep(50)
  }
  throw new Error(`${file} holds no attempt; stderr:\n${cli.stderr()}`)
}

/** Pids of the processes whose command line holds every one of the words. */
export function pidsOf(...words: readonly string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      const line = commandLine(pid)
      return words.every((word) => line.includes(word))
    })
    .map(Number)
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
