import { Type, type Static } from 'typebox'

import * as Finality from '../../scenarios/ballots/Finality.ts'
import * as Target from '../contracts/Target.ts'

/** The witness's configuration file. */
export const Schema = Type.Object(
  {
    /** JSON-RPC of the nodes to read. The first one is read block by block, the others are compared. */
    rpcUrls: Type.Array(Type.String({ pattern: '^https?://' }), { minItems: 1, maxItems: 64 }),
    /** The contracts whose ballots count, and what they write. */
    target: Target.Schema,
    finality: Finality.Schema,
    /** Who must have sealed the blocks. @default nobody: the chain has no seals */
    validators: Type.Optional(
      Type.Object(
        {
          kind: Type.Enum(['qbft', 'clique']),
          /** Before `fromBlock`; lower-case hex. */
          members: Type.Array(Type.String({ pattern: '^0x[0-9a-f]{40}$' }), { minItems: 1 }),
        },
        { additionalProperties: false },
      ),
    ),
    /** The first block to read. The genesis block holds no ballot and cannot be replaced. */
    fromBlock: Type.Integer({ minimum: 1 }),
    /** Each observation becomes a line here; appended to. */
    observationsFile: Type.String({ minLength: 1 }),
    /** 0 takes a free port. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
    /**
     * Pause before a node is asked again for a block that it did not have. By default a seventh of the
     * shortest usual block time: inclusion is seen that late at most.
     */
    pollIntervalMs: Type.Integer({ minimum: 10, maximum: 60_000, default: 150 }),
  },
  { additionalProperties: false },
)

export type Config = Static<typeof Schema>
