import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import { BallotstormError } from '../runtime/BallotstormError.ts'
import * as Poll from '../ballots/Poll.ts'
import * as Arrivals from './Arrivals.ts'
import * as CastOrder from './CastOrder.ts'
import * as Segment from './Segment.ts'
import * as Path from '../ballots/Path.ts'

/** The version of the plan's form; a plan of another version is refused, never guessed at. */
export const SCHEMA = 'ballotstorm/plan/2'

/**
 * What will be fired, and when: everything that the generator needs, and all that a run is repeated
 * from. Ballot *k* is record *k* of the spool and leaves at instant *k*.
 */
export const Schema = Type.Object(
  {
    schema: Type.Literal(SCHEMA),
    seed: Type.String({ minLength: 1, maxLength: 200 }),
    scenario: Type.String({ minLength: 1 }),
    design: Type.String({ minLength: 1 }),
    /** `relayed`: HTTP to the voting API. `direct`: raw transactions to the nodes' JSON-RPC. */
    path: Path.Schema,
    electorate: Type.Object(
      { size: Type.Integer({ minimum: 1 }) },
      { additionalProperties: false },
    ),
    polls: Type.Array(Poll.Schema, { minItems: 1 }),
    /** When the ballots of the whole storm come. */
    arrivals: Arrivals.Schema,
    /** Who votes when, and how, in the whole storm. */
    order: CastOrder.Schema,
    /** Which share of the whole storm this plan fires. */
    segment: Segment.Schema,
    /** Length of the storm. */
    stormMs: Type.Integer({ minimum: 0 }),
    ballotCount: Type.Integer({ minimum: 0 }),
    voter: Type.Object(
      {
        /** Attempts with one ballot before the voter gives up, the first included. */
        attemptsMax: Type.Integer({ minimum: 1, maximum: 20 }),
        /** How long a voter waits for an answer. */
        timeoutMs: Type.Integer({ minimum: 100, maximum: 120_000 }),
        /** Pause before attempt n + 1, doubled each time. */
        backoffMs: Type.Integer({ minimum: 0, maximum: 60_000 }),
      },
      { additionalProperties: false },
    ),
    /** SHA-256 of the spool's records, hex. */
    spoolSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** SHA-256 of the file of instants, hex. */
    instantsSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
)

export type Plan = Static<typeof Schema>

/** Names of the files of a plan's folder. The instants are float64 LE, ms after the storm's start. */
export const FILES = { plan: 'plan.json', spool: 'spool.bin', instants: 'instants.bin' } as const

/**
 * The plan in a folder.
 *
 * @throws {UnreadableError} where there is none, or one of another form.
 */
export function read(folder: string): Plan {
  const file = join(folder, FILES.plan)
  const plan = parse(file)
  if (!Value.Check(Schema, plan)) {
    const problems = Value.Errors(Schema, plan).map(({ instancePath, message }) =>
      `${instancePath} ${message}`.trim(),
    )
    throw new UnreadableError(file, problems.join('; '))
  }
  return plan
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UnreadableError(file, error instanceof Error ? error.message : String(error))
  }
}

/** The load as one sentence; a share of a storm says so. */
export function describe({
  arrivals,
  segment = Segment.WHOLE,
}: {
  arrivals: Arrivals.Arrivals
  segment?: Segment.Segment | undefined
}): string {
  const share = segment.of === 1 ? '' : `share ${segment.index} of ${segment.of} of `
  return `${share}${Arrivals.describe(arrivals)}`
}

/** A plan is missing, damaged, or of another form. */
export class UnreadableError extends BallotstormError {
  override readonly name = 'Plan.UnreadableError'
  readonly code = 'PLAN_UNREADABLE'
  readonly exitCode = 104
  readonly remedy = 'Make the plan anew.'
  constructor(file: string, reason: string) {
    super(`The plan ${file} cannot be used: ${reason}.`)
  }
}
