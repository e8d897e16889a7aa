import { Type, type Static } from 'typebox'

/** What `scripts/network/main.ts` is given in its configuration file. */
export const Schema = Type.Object(
  {
    stateFolder: Type.String(),
    /** GoQuorum. */
    binary: Type.String(),
    validatorCount: Type.Integer({ minimum: 1 }),
    blockTimeMs: Type.Integer({ minimum: 1 }),
    gasLimit: Type.Integer({ minimum: 1 }),
    seed: Type.String(),
  },
  { additionalProperties: false },
)

export type HostConfig = Static<typeof Schema>
