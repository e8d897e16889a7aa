import { readFileSync } from 'node:fs'

import type { Static, TSchema } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'

// TypeBox stops at eight, and all problems are told at once.
Settings.Set({ maxErrors: 1000 })

/** The exit code of a process whose configuration is wrong. */
const EXIT_BAD_CONFIGURATION = 104

/** The exit code of a process that broke. */
const EXIT_BROKEN = 1

/** What runs until the process is told to stop. */
export type Service = {
  url: string
  /** Resolves when everything is closed and written. */
  close(): Promise<void>
}

/**
 * Runs a process of the load generator after the contract of all our processes: the configuration
 * file is the only argument, one line of JSON says when it serves, SIGTERM ends it in order.
 *
 * @param start - begins the service; what it throws is printed as one sentence, and the exit code is 1.
 */
export async function run<Schema extends TSchema>(
  schema: Schema,
  start: (config: Static<Schema>) => Promise<Service>,
): Promise<void> {
  try {
    const service = await start(readConfig(schema, process.argv[2]))
    const stop = (): void => {
      service.close().catch(fail)
    }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
    process.stdout.write(`${JSON.stringify({ ready: true, url: service.url })}\n`)
  } catch (error) {
    fail(error)
  }
}

/**
 * The configuration in a file.
 *
 * @throws {ConfigError} with all problems at once.
 */
function readConfig<Schema extends TSchema>(
  schema: Schema,
  file: string | undefined,
): Static<Schema> {
  if (file === undefined) throw new ConfigError('(none)', ['name the configuration file'])
  const config = parse(file)
  if (Value.Check(schema, config)) return config
  throw new ConfigError(file, describeProblems(schema, config))
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
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigError(file, [error instanceof Error ? error.message : String(error)])
  }
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = error instanceof ConfigError ? EXIT_BAD_CONFIGURATION : EXIT_BROKEN
}

class ConfigError extends Error {
  override readonly name = 'Process.ConfigError'
  readonly code = 'PROCESS_CONFIG'
  constructor(file: string, problems: readonly string[]) {
    super(
      `The configuration ${file} is not usable:\n${problems.map((line) => `- ${line}`).join('\n')}`,
    )
  }
}
