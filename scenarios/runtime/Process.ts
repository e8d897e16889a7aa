import { readFileSync } from 'node:fs'

import type { Static, TSchema } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'

import { BallotstormError, explanationOf, toldOf, underWay } from './BallotstormError.ts'

// TypeBox stops at eight, and all problems are told at once.
Settings.Set({ maxErrors: 1000 })

/** The exit code of a process that has a bug. */
const EXIT_BROKEN = 1

/** What runs until the process is told to stop. */
export type Service = {
  url: string
  /** Resolves when everything is closed and written. */
  close(): Promise<void>
}

/**
 * Runs a process after the contract of all our processes: the configuration file is the only
 * argument, one line of JSON says when it serves, SIGTERM ends it in order.
 *
 * @param read - the configuration in a file, from {@link readConfig} or {@link reader}.
 * @param start - begins the service, `undefined` where it was told to stop before that; what it
 * throws is printed, for the starter as a line of JSON as well, and gives the exit code; 1 for a bug.
 */
export async function run<Config>(
  read: (file: string | undefined) => Config,
  start: (config: Config) => Promise<Service | undefined>,
): Promise<void> {
  try {
    const service = await start(read(process.argv[2]))
    if (service === undefined) return
    const stop = (): void => {
      service.close().catch((error: unknown) => fail(underWay(error)))
    }
    process.once('uncaughtException', (error) => {
      fail(underWay(error))
      process.exit()
    })
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
    process.stdout.write(`${JSON.stringify({ ready: true, url: service.url })}\n`)
  } catch (error) {
    fail(error)
  }
}

/** {@link readConfig} for a schema. */
export function reader<Schema extends TSchema>(
  schema: Schema,
): (file: string | undefined) => Static<Schema> {
  return (file) => readConfig(schema, file)
}

/**
 * The configuration in a file, with the schema's defaults.
 *
 * @param contradictions - what the fields say against each other, as sentences.
 * @throws {ConfigError} with all problems at once.
 */
export function readConfig<Schema extends TSchema>(
  schema: Schema,
  file: string | undefined,
  contradictions: (config: Static<Schema>) => string[] = () => [],
): Static<Schema> {
  if (file === undefined) throw new ConfigError('(none)', ['name the configuration file'])
  const config = Value.Default(schema, parse(file))
  if (!Value.Check(schema, config)) throw new ConfigError(file, describeProblems(schema, config))
  const problems = contradictions(config)
  if (problems.length > 0) throw new ConfigError(file, problems)
  return config
}

/**
 * The 32 bytes that a key file holds in hex.
 *
 * @throws {ConfigError}
 */
export function readKey(file: string): Buffer {
  const hex = readText(file).trim().replace(/^0x/, '')
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new ConfigError(file, ['it must hold 64 hex digits'])
  return Buffer.from(hex, 'hex')
}

/** Each problem as a line: where, what. */
function describeProblems(schema: TSchema, value: unknown): string[] {
  return Value.Errors(schema, value)
    .filter(({ message }) => message !== 'schema is false')
    .map(({ instancePath, message, params }) => {
      const unknown =
        'additionalProperties' in params ? `: ${String(params.additionalProperties)}` : ''
      return `${instancePath === '' ? 'the configuration' : instancePath} ${message}${unknown}`
    })
}

function parse(file: string): unknown {
  const text = readText(file)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConfigError(file, [messageOf(error)])
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(file, [messageOf(error)])
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function fail(error: unknown): void {
  process.stderr.write(`${explanationOf(error)}\n`)
  const isKnown = error instanceof BallotstormError
  if (isKnown) process.stdout.write(`${JSON.stringify({ ready: false, error: toldOf(error) })}\n`)
  process.exitCode = isKnown ? error.exitCode : EXIT_BROKEN
}

/** A configuration, or a key file that it names, cannot be used; all problems at once. */
export class ConfigError extends BallotstormError {
  override readonly name = 'Process.ConfigError'
  readonly code = 'PROCESS_CONFIG'
  readonly exitCode = 104
  readonly remedy = 'Change the file as each line says.'
  constructor(file: string, problems: readonly string[]) {
    super(
      `The configuration ${file} is not usable:\n${problems.map((line) => `- ${line}`).join('\n')}`,
    )
  }
}
