import { Type } from 'typebox'

/** The resender's configuration file. */
export const Schema = Type.Object(
  {
    /** Folder with plan.json and spool.bin of a plan of the path `rpc`. */
    planFolder: Type.String({ minLength: 1 }),
    /** The generators' histories of attempts; followed as they grow, and may not be there yet. */
    historyFiles: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 16 }),
    /** Each resend becomes a line here; appended to. */
    resendHistoryFile: Type.String({ minLength: 1 }),
    /** JSON-RPC of the nodes; a ballot's next try goes to the next one. */
    rpcUrls: Type.Array(Type.String({ pattern: '^https?://' }), { minItems: 1, maxItems: 100 }),
    /** Metrics; 0 takes a free port. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
    /** So long after an acknowledgement, or a resend, a ballot may be missing. */
    resendAfterMs: Type.Integer({ minimum: 100, maximum: 600_000, default: 5000 }),
    /** Most resends in a second, over all ballots: each costs a node as much as a ballot. */
    resendsPerSMax: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
    /** Resends of one ballot before its voter gives up. */
    triesMax: Type.Integer({ minimum: 1, maximum: 255, default: 20 }),
    /** Pause between two looks at history and chain. */
    pollMs: Type.Integer({ minimum: 10, maximum: 60_000, default: 500 }),
  },
  { additionalProperties: false },
)
