import { Type } from 'typebox'

/** The configuration file of the witness of a database. */
export const Schema = Type.Object(
  {
    /** An account that may read the table `ballots`; it needs no more. */
    postgresUrl: Type.String({ pattern: '^postgres(ql)?://' }),
    /** Each observation becomes a line here; appended to. */
    observationsFile: Type.String({ minLength: 1 }),
    /** Rows up to this sequence number are older than the storm. @default 0 */
    afterSequence: Type.Optional(Type.Integer({ minimum: 0 })),
    /** 0 takes a free port. @default 0 */
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    /** Pause between two readings where the last one left nothing over. @default 250 */
    pollIntervalMs: Type.Optional(Type.Integer({ minimum: 10, maximum: 60_000 })),
  },
  { additionalProperties: false },
)

/** A ballot is seen a quarter of a second after its commit at most; three small queries each time. */
export const DEFAULTS = { afterSequence: 0, port: 0, pollIntervalMs: 250 } as const
