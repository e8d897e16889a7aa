import { Type, type Static } from 'typebox'

import * as Finality from '../../scenarios/ballots/Finality.ts'
import * as Process from '../../scenarios/runtime/Process.ts'

const Address = Type.String({ pattern: '^0x[0-9a-f]{40}$' })

/** One for each file in `submitters/`. */
const SubmitterSchema = Type.Union([
  Type.Object(
    { kind: Type.Literal('ballot-box'), ballotBox: Address },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('anchored'), ballotAnchor: Address },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('active-citizen-2017'),
      /** Where the votes of each poll go. */
      questions: Type.Array(
        Type.Object(
          {
            pollId: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1 }),
            address: Address,
            version: Type.Integer({ minimum: 0 }),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: 100_000 },
      ),
    },
    { additionalProperties: false },
  ),
])

/** What a relayer process is told when it starts. */
export const Schema = Type.Object(
  {
    /** Its name in the journal; of two processes with one name, one works and one stands by. */
    instance: Type.String({ pattern: '^[A-Za-z0-9._-]{1,60}$' }),
    postgresUrl: Type.String({ pattern: '^postgres(ql)?://' }),
    /** File with the account's private key, 32 bytes in hex. Each instance has a key of its own. */
    keyFile: Type.String({ minLength: 1 }),
    /** Nodes; the first that answers is read, any may be sent to. */
    rpcUrls: Type.Array(Type.String({ pattern: '^https?://' }), { minItems: 1, maxItems: 32 }),
    chainId: Type.Integer({ minimum: 1 }),
    /** How ballots get onto the chain, and where to. */
    submitter: SubmitterSchema,
    /** Packed addresses, 20 bytes a voter: the votes of `active-citizen-2017` name their voters. */
    registerFile: Type.Optional(Type.String({ minLength: 1 })),
    finality: Finality.Schema,
    /** What a batch pays for its gas; the account must be funded where it is not 0. */
    gasPriceWei: Type.Integer({ minimum: 0, default: 0 }),
    /** The network's block time; pauses and patience follow from it. */
    blockTimeMs: Type.Integer({ minimum: 10, maximum: 60_000 }),
    /** Ballots in a transaction at most; a design has its bound. @default the submitter's */
    batchBallotsMax: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Transactions sent and not yet in a block. @default the submitter's */
    batchesInFlightMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    /** How long a batch stays its relayer's after the last sign of life. */
    leaseMs: Type.Integer({ minimum: 500, maximum: 600_000, default: 10_000 }),
    host: Type.String({ default: '127.0.0.1' }),
    /** Port of `GET /metrics`; 0 takes a free one. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
  },
  { additionalProperties: false },
)

export type Config = Static<typeof Schema>

/**
 * Reads and checks a configuration file.
 *
 * @throws {Process.ConfigError} with all problems at once.
 */
export function read(file: string | undefined): Config {
  return Process.readConfig(Schema, file, contradictions)
}

/** What the fields say against each other, as sentences. */
function contradictions({ submitter, registerFile }: Config): string[] {
  return submitter.kind === 'active-citizen-2017' && registerFile === undefined
    ? ['/registerFile must be given for submitter active-citizen-2017']
    : []
}
