import { Type, type Static } from 'typebox'

import * as Process from '../../scenarios/runtime/Process.ts'

const Url = (scheme: string) => Type.String({ pattern: `^${scheme}://` })

/** The configuration file of an API process. Times are real; there is no other clock. */
export const Schema = Type.Object(
  {
    host: Type.String({ minLength: 1, default: '127.0.0.1' }),
    /** 0 takes any free port; the line on stdout tells which. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
    postgresUrl: Url('postgres(ql)?'),
    /** A file with 32 bytes in hex. */
    receiptKeyFile: Type.String({ minLength: 1 }),
    chainId: Type.Integer({ minimum: 1 }),
    /** What ballots are bound to (EIP-712): BallotBox, BallotAnchor or Root; where there is no chain, zeros. */
    verifyingContract: Type.String({ pattern: '^0x[0-9a-f]{40}$' }),
    /**
     * Where a ballot counts. In the database, the voter's signature only stands in for the login: it
     * is checked and then discarded.
     */
    record: Type.Enum(['chain', 'database'], { default: 'chain' }),
    /** Packed addresses, 20 bytes a voter. */
    registerFile: Type.String({ minLength: 1 }),
    /** A node, for tallies; needed where the chain is the record. */
    rpcUrl: Type.Optional(Url('https?')),
    /** Needed where there is a relayer. */
    blockTimeMs: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Whether ballots go on to a chain; else the database is where they stay. */
    hasRelayer: Type.Boolean({ default: true }),
    /** Whether receipts prove that the ballot is in an anchored batch. */
    givesProofs: Type.Boolean({ default: false }),
    /** Ballots that may wait to be stored: five seconds of the city's last hour, 5 MB. */
    ballotsQueuedMax: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 5000 }),
    /** HTTP connections at once; more are closed as they come. */
    connectionsMax: Type.Integer({ minimum: 1, maximum: 65_535, default: 4096 }),
    /**
     * Of these, those of one address: a quarter, so that nobody alone shuts all others out. Whoever puts
     * a proxy in front, whose address all have, raises it.
     */
    connectionsPerAddressMax: Type.Integer({ minimum: 1, maximum: 65_535, default: 1024 }),
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
 * @throws {Process.ConfigError} with all problems at once.
 */
export function read(file: string | undefined): Config {
  const config = Process.readConfig(Schema, file, contradictions)
  return { ...config, receiptKey: Process.readKey(config.receiptKeyFile) }
}

/** What the fields say against each other, as sentences. */
function contradictions({
  record,
  rpcUrl,
  blockTimeMs,
  hasRelayer,
}: Static<typeof Schema>): string[] {
  const problems: string[] = []
  if (record === 'chain' && rpcUrl === undefined) {
    problems.push('rpcUrl is missing: where the chain is the record, tallies are read from a node')
  }
  if (record === 'chain' && !hasRelayer) {
    problems.push('hasRelayer is false: without a relayer no ballot reaches the record, the chain')
  }
  if (hasRelayer && blockTimeMs === undefined) {
    problems.push('blockTimeMs is missing: what a relayer carries waits for blocks')
  }
  return problems
}
