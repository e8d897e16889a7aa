import { Type } from 'typebox'

/** For so long after the storm's end a ballot may still be fetched, unless the file says otherwise. */
export const OVERTIME_MS = 5000

/** The feeder's configuration file. */
export const Schema = Type.Object(
  {
    /** Folder with plan.json, spool.bin and instants.bin. */
    planFolder: Type.String({ minLength: 1 }),
    /** Each hand-over becomes a line here; appended to. */
    historyFile: Type.String({ minLength: 1 }),
    /** 0 takes a free port. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
    /** Unix ms of the storm's start. Without it the storm waits for POST /start. */
    startAtMs: Type.Optional(Type.Number({ minimum: 0 })),
    /** Each so many-th ballot is for the probe; without it all are for k6. */
    probeEveryBallots: Type.Optional(Type.Integer({ minimum: 2 })),
    /** Span of the instants in one slice. */
    sliceMs: Type.Integer({ minimum: 10, maximum: 10_000, default: 500 }),
    /** Half a second of ballots keeps k6's share of the plan small should it die. */
    sliceBallotsMax: Type.Integer({ minimum: 1, maximum: 10_000, default: 512 }),
    /** A slice leaves so long before its first ballot is due. */
    leadMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 1000 }),
    /** What was not fetched so long after the storm's end stays unsent. */
    overtimeMs: Type.Integer({ minimum: 0, maximum: 600_000, default: OVERTIME_MS }),
  },
  { additionalProperties: false },
)
