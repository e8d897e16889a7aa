import { readFileSync } from 'node:fs'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

const Url = (scheme: string) => Type.String({ pattern: `^${scheme}://` })

/** The configuration file of an API process. Times are real; there is no other clock. */
const Schema = Type.Object(
  {
    host: Type.String({ minLength: 1, default: '127.0.0.1' }),
    /** 0 takes any free port; the line on stdout tells which. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
    postgresUrl: Url('postgres(ql)?'),
    /** A file with 32 bytes in hex. */
    receiptKeyFile: Type.String({ minLength: 1 }),
    chainId: Type.Integer({ minimum: 1 }),
    ballotBox: Type.String({ pattern: '^0x[0-9a-f]{40}$' }),
    /** Packed addresses, 20 bytes a voter. */
    registerFile: Type.String({ minLength: 1 }),
    /** A node, for tallies. */
    rpcUrl: Url('https?'),
    blockTimeMs: Type.Integer({ minimum: 1 }),
    /** Ballots that may wait to be stored: five seconds of the city's last hour, 5 MB. */
    ballotsQueuedMax: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 5000 }),
    /** HTTP connections at once; more are closed as they come. */
    connectionsMax: Type.Integer({ minimum: 1, maximum: 65_535, default: 4096 }),
  },
  { additionalProperties: false },
)

export type Config = Static<typeof Schema> & {
  /** 32 bytes, from `receiptKeyFile`. */
  receiptKey: Uint8Array
}

/**
 * Reads and checks a configuration file and the key that it names.
 *
 * @throws {InvalidError} with all problems at once.
 */
export function read(file: string): Config {
  let value: unknown
  try {
    value = Value.Default(Schema, JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new InvalidError(file, [`it cannot be read: ${String(error)}`])
  }
  if (!Value.Check(Schema, value)) {
    // One sentence for a key that should not be there: the parent's says which.
    const problems = Value.Errors(Schema, value)
      .filter(({ keyword }) => keyword !== 'boolean')
      .map(({ instancePath, message, params }) => {
        const subject = instancePath === '' ? 'the file' : instancePath.slice(1)
        return `${subject} ${message} ${JSON.stringify(params)}`
      })
    throw new InvalidError(file, problems)
  }
  const receiptKey = readKey(file, value.receiptKeyFile)
  return { ...value, receiptKey }
}

function readKey(file: string, keyFile: string): Uint8Array {
  let hex = ''
  try {
    hex = readFileSync(keyFile, 'utf8').trim()
  } catch (error) {
    throw new InvalidError(file, [`receiptKeyFile cannot be read: ${String(error)}`])
  }
  if (!/^(0x)?[0-9a-f]{64}$/i.test(hex)) {
    throw new InvalidError(file, [`receiptKeyFile ${keyFile} must hold 64 hex digits`])
  }
  return Buffer.from(hex.replace(/^0x/, ''), 'hex')
}

export class InvalidError extends Error {
  override readonly name = 'Config.InvalidError'
  readonly code = 'CONFIG_INVALID'
  constructor(file: string, problems: string[]) {
    super(`The configuration ${file} is wrong:\n${problems.map((line) => `- ${line}`).join('\n')}`)
  }
}
