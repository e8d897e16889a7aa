import { Type } from 'typebox'

/** The configuration file of the witness of a database. */
export const Schema = Type.Object(
  {
    /** An account that may read the table `ballots`; it needs no more. */
    postgresUrl: Type.String({ pattern: '^postgres(ql)?://' }),
    /** Each observation becomes a line here; appended to. */
    observationsFile: Type.String({ minLength: 1 }),
    /** Rows up to this sequence number are older than the storm. */
    afterSequence: Type.Integer({ minimum: 0, default: 0 }),
    /** 0 takes a free port. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
    /** Pause between two readings where the last one left nothing over; each is three small queries. */
    pollIntervalMs: Type.Integer({ minimum: 10, maximum: 60_000, default: 250 }),
  },
  { additionalProperties: false },
)
