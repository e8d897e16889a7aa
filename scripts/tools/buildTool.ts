import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as FileLock from '../FileLock.ts'
import type { Definition, Name } from './definitions.ts'

const execute = promisify(execFile)

/** A cold build takes 5 minutes on 2 quiet cores; on a busy machine several times that. */
const BUILD_TIMEOUT_MS = 60 * 60_000
const LAST_LINES = 15

/** Told while a build goes on. */
export type OnProgress = (progress: { packageCount: number; elapsedMs: number }) => void

/**
 * Builds a tool from its pinned module to `target`. Two processes that want the same tool build it
 * once: the second waits, and finds that `isThere`.
 *
 * @throws NoGoError, NoGccError, BuildError, FileLock.TimeoutError
 */
export async function buildTool(
  name: Name,
  definition: Definition,
  target: string,
  options: { isThere: () => Promise<boolean>; onProgress: OnProgress },
): Promise<void> {
  await assertCompilers(name, definition)
  mkdirSync(dirname(target), { recursive: true })
  const onWait = (pid: number): void => {
    process.stderr.write(`Waiting for process ${pid}, which builds ${name}.\n`)
  }
  await FileLock.hold(`${target}.lock`, { timeoutMs: BUILD_TIMEOUT_MS, onWait }, async () => {
    if (await options.isThere()) return
    const unfinished = `${target}.${process.pid}`
    try {
      await compile(name, definition, { output: unfinished, onProgress: options.onProgress })
      chmodSync(unfinished, 0o755)
      renameSync(unfinished, target)
    } finally {
      rmSync(unfinished, { force: true })
    }
  })
}

/** The folder with the `go.mod` of a tool. */
export function moduleFolder({ module }: Definition): string {
  return join(import.meta.dirname, module)
}

/** Names the build: another pin gives another digest. */
export function moduleDigest(definition: Definition): string {
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) {
    hash.update(readFileSync(join(moduleFolder(definition), file)))
  }
  return hash.digest('hex').slice(0, 12)
}

/** The Go version that a module asks for at least. */
export function goVersionNeeded(definition: Definition): string {
  const text = readFileSync(join(moduleFolder(definition), 'go.mod'), 'utf8')
  return /^go (\S+)$/m.exec(text)?.[1] ?? '1.25'
}

/** The version of the Go on PATH; undefined where there is none. */
export async function goVersion(): Promise<string | undefined> {
  const output = await outputOf('go', ['version'])
  return /go(\d+\.\d+(?:\.\d+)?)/.exec(output ?? '')?.[1]
}

/** The version of the gcc on PATH; undefined where there is none. */
export async function gccVersion(): Promise<string | undefined> {
  return (await outputOf('gcc', ['-dumpfullversion', '-dumpversion']))?.trim()
}

/** Whether version `have` is `needed` or later, by numbers. */
export function isAtLeast(have: string, needed: string): boolean {
  const [own, least] = [have, needed].map((version) => version.split('.').map(Number))
  for (const [index, number] of (least ?? []).entries()) {
    const difference = (own?.[index] ?? 0) - number
    if (difference !== 0) return difference > 0
  }
  return true
}

async function outputOf(command: string, args: string[]): Promise<string | undefined> {
  try {
    return (await execute(command, args)).stdout
  } catch {
    return undefined
  }
}

async function assertCompilers(name: Name, definition: Definition): Promise<void> {
  const needed = goVersionNeeded(definition)
  const have = await goVersion()
  if (have === undefined || !isAtLeast(have, needed)) {
    throw new NoGoError(name, definition, { have, needed })
  }
  if (definition.needsGcc && (await gccVersion()) === undefined)
    throw new NoGccError(name, definition)
}

async function compile(
  name: Name,
  { goFlags, goPackage, module }: Definition,
  { output, onProgress }: { output: string; onProgress: OnProgress },
): Promise<void> {
  const startedMs = performance.now()
  const child = spawn('go', ['build', '-v', ...goFlags, '-o', output, goPackage], {
    cwd: join(import.meta.dirname, module),
    env: {
      ...process.env,
      GOFLAGS: '-mod=readonly -buildvcs=false',
      // Never another compiler than the one that was found and judged.
      GOTOOLCHAIN: 'local',
      GOWORK: 'off',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: BUILD_TIMEOUT_MS,
  })
  const ended = once(child, 'exit')
  // Interrupted, we go and nobody waits for the compiler.
  const abandon = (): boolean => child.kill()
  process.once('exit', abandon)
  // `go build -v` names each package that it compiles, one a line, among any complaints.
  const lines: string[] = []
  let packageCount = 0
  const tell = (): void => onProgress({ packageCount, elapsedMs: performance.now() - startedMs })
  const ticker = setInterval(tell, 1000)
  try {
    for await (const line of createInterface({ input: child.stderr })) {
      if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) packageCount += 1
      else if (lines.push(line) > LAST_LINES) lines.shift()
    }
    const [code] = await ended
    if (code !== 0) throw new BuildError(name, lines)
  } finally {
    process.off('exit', abandon)
    clearInterval(ticker)
  }
}

/** A tool must be built, and there is no Go, or one too old. */
export class NoGoError extends BallotstormError {
  override readonly name = 'buildTool.NoGoError'
  readonly code = 'TOOL_NO_GO'
  readonly exitCode = 104
  readonly remedy: string
  constructor(
    name: Name,
    { variable }: Definition,
    { have, needed }: { have: string | undefined; needed: string },
  ) {
    super(
      `${name} must be built, which needs Go ${needed} or later; ` +
        `${have === undefined ? 'none is on PATH' : `here is ${have}`}.`,
    )
    this.remedy = `Install it (https://go.dev/dl, or Debian: golang-go), or set ${variable} to a binary.`
  }
}

/** A tool must be built, and there is no C compiler. */
export class NoGccError extends BallotstormError {
  override readonly name = 'buildTool.NoGccError'
  readonly code = 'TOOL_NO_GCC'
  readonly exitCode = 104
  readonly remedy: string
  constructor(name: Name, { variable }: Definition) {
    super(`${name} must be built, which needs a C compiler, and there is no gcc on PATH.`)
    this.remedy = `Install one (Debian: apt-get install gcc libc6-dev), or set ${variable} to a binary.`
  }
}

/** The compiler of a tool failed. */
export class BuildError extends BallotstormError {
  override readonly name = 'buildTool.BuildError'
  readonly code = 'TOOL_BUILD'
  readonly exitCode = 104
  readonly remedy =
    'See that the Go module proxy can be reached (`go env GOPROXY`), and that the disk has 3 GB left.'
  constructor(name: Name, lines: readonly string[]) {
    super(`Building ${name} failed. Go said:\n${lines.join('\n')}`)
  }
}
