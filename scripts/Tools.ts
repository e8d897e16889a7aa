import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

import { BallotstormError } from '../scenarios/runtime/BallotstormError.ts'
import { cacheFolder } from './cacheFolder.ts'
import { buildTool, moduleDigest, type OnProgress } from './tools/buildTool.ts'
import { definitions, type Definition, type Name } from './tools/definitions.ts'

export { NAMES, type Name } from './tools/definitions.ts'

const execute = promisify(execFile)

/** A foreign program that runs. */
export type Tool = {
  path: string
  version: string
  source: 'environment' | 'PATH' | 'cache' | 'built'
}

export type Options = {
  /** @default the process' own */
  environment?: NodeJS.ProcessEnv | undefined
  /** @default lines on stderr */
  onProgress?: OnProgress | undefined
}

/** A program that does not tell its version in this time is broken. */
const VERSION_TIMEOUT_MS = 30_000
const LINE_INTERVAL_MS = 10_000

/**
 * Finds a tool: what its environment variable names, else a fitting version on PATH, else an earlier
 * build in the cache; else builds it, with progress on stderr.
 *
 * @throws EnvironmentError, buildTool.NoGoError, buildTool.NoGccError, buildTool.BuildError. Without
 * Prometheus and promtool a run goes on; without the others it cannot.
 */
export async function resolve(name: Name, options: Options = {}): Promise<Tool> {
  const { environment = process.env } = options
  const found = await find(name, environment)
  if (found !== undefined) return found
  const definition = definitions[name]
  const path = cachePath(name)
  await buildTool(name, definition, path, {
    isThere: async () => (await readVersion(path, definition)) !== undefined,
    onProgress: options.onProgress ?? tell(name),
  })
  const version = await readVersion(path, definition)
  if (version === undefined) throw new UnusableError(name, path)
  return { path, version, source: 'built' }
}

/**
 * The tool as it is here without building anything; undefined where it would have to be built.
 *
 * @throws EnvironmentError
 */
export async function find(
  name: Name,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Tool | undefined> {
  const definition = definitions[name]
  const named = environment[definition.variable]
  if (named !== undefined && named !== '') {
    const version = await readVersion(named, definition)
    if (version === undefined) throw new EnvironmentError(definition, named)
    return { path: named, version, source: 'environment' }
  }
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, definition.command)
    const version = await readVersion(path, definition)
    if (version !== undefined && definition.fits(version)) return { path, version, source: 'PATH' }
  }
  const path = cachePath(name)
  const version = await readVersion(path, definition)
  return version === undefined ? undefined : { path, version, source: 'cache' }
}

/** Where a build of the pinned version lies, or would lie. */
export function cachePath(name: Name): string {
  const definition = definitions[name]
  const folder = `${name}-${definition.version}-${moduleDigest(definition)}`
  return join(cacheFolder(), 'tools', folder, definition.command)
}

/** Runs the program; undefined where it is missing, broken, or another program of that name. */
async function readVersion(path: string, definition: Definition): Promise<string | undefined> {
  try {
    accessSync(path, constants.X_OK)
    const { stdout, stderr } = await execute(path, [...definition.versionArgs], {
      timeout: VERSION_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    return definition.versionPattern.exec(`${stdout}\n${stderr}`)?.[1]
  } catch {
    return undefined
  }
}

function tell(name: Name): OnProgress {
  let shownMs = Number.NEGATIVE_INFINITY
  return ({ packageCount, elapsedMs }) => {
    if (elapsedMs - shownMs < LINE_INTERVAL_MS) return
    shownMs = elapsedMs
    const seconds = Math.round(elapsedMs / 1000)
    process.stderr.write(`… building ${name}: ${packageCount} packages compiled in ${seconds} s\n`)
  }
}

/** A variable names something that does not run, or another program. */
export class EnvironmentError extends BallotstormError {
  override readonly name = 'Tools.EnvironmentError'
  readonly code = 'TOOL_ENVIRONMENT'
  readonly exitCode = 104
  readonly remedy: string
  constructor({ variable, command, version }: Definition, path: string) {
    super(`${variable} is \`${path}\`, which does not answer as ${command} does.`)
    this.remedy = `Set it to a binary of version ${version}, or unset it.`
  }
}

/** A tool was built, and does not run here. */
export class UnusableError extends BallotstormError {
  override readonly name = 'Tools.UnusableError'
  readonly code = 'TOOL_UNUSABLE'
  readonly exitCode = 104
  readonly remedy = 'Check that the file system is not mounted noexec.'
  constructor(name: Name, path: string) {
    super(`${name} was built to ${path} but does not run.`)
  }
}
