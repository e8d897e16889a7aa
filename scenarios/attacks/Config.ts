import { Type } from 'typebox'

/** The attacker's configuration file. */
export const Schema = Type.Object(
  {
    /** A name of `attacks.ts`. */
    attack: Type.String({ minLength: 1 }),
    targets: Type.Array(Type.String({ pattern: '^https?://' }), { minItems: 1 }),
    pollIds: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1 }),
    voterCount: Type.Integer({ minimum: 1 }),
    /** How it was answered is written here in the end. */
    reportFile: Type.String({ minLength: 1 }),
    /** Metrics; 0 takes a free port. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
  },
  { additionalProperties: false },
)
