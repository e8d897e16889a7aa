import { Type, type Static } from 'typebox'

import * as Finality from '../../scenarios/ballots/Finality.ts'
import * as Target from './forms/Target.ts'

/** The witness's configuration file. */
export const Schema = Type.Object(
  {
    /** JSON-RPC of the nodes to read. The first one is read block by block, the others are compared. */
    rpcUrls: Type.Array(Type.String({ pattern: '^https?://' }), { minItems: 1, maxItems: 64 }),
    /** The contracts whose ballots count, and what they write. */
    target: Target.Schema,
    finality: Finality.Schema,
    /** The first block to read. The genesis block holds no ballot and cannot be replaced. */
    fromBlock: Type.Integer({ minimum: 1 }),
    /** Each observation becomes a line here; appended to. */
    observationsFile: Type.String({ minLength: 1 }),
    /** 0 takes a free port. @default 0 */
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    /** Pause before a node is asked again for a block that it did not have. @default 150 */
    pollIntervalMs: Type.Optional(Type.Integer({ minimum: 10, maximum: 60_000 })),
  },
  { additionalProperties: false },
)

export type Config = Static<typeof Schema>

/** A seventh of the shortest usual block time: inclusion is seen that late at most. */
export const DEFAULTS = { port: 0, pollIntervalMs: 150 } as const
