import { Type, type Static } from 'typebox'

import { VALIDATOR_KINDS } from '../../chain/networks/kinds.ts'

/** What `scripts/network/main.ts` is given in its configuration file. */
export const Schema = Type.Object(
  {
    stateFolder: Type.String(),
    kind: Type.Enum([...VALIDATOR_KINDS]),
    /** The nodes' program. */
    binary: Type.String(),
    validatorCount: Type.Integer({ minimum: 1 }),
    blockTimeMs: Type.Integer({ minimum: 1 }),
    gasLimit: Type.Integer({ minimum: 1 }),
    seed: Type.String(),
  },
  { additionalProperties: false },
)

export type HostConfig = Static<typeof Schema>
