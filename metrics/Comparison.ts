import { readFileSync } from 'node:fs'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import { BallotstormError } from '../scenarios/runtime/BallotstormError.ts'
import { fromSchema1 } from './ComparisonSchema1.ts'
import { LatencySchema, Validity, Verdict } from './Run.ts'

/** The version of the comparison's form; bumped with every change that a reader could notice. */
export const SCHEMA = 'ballotstorm/comparison/2'

const Count = Type.Integer({ minimum: 0 })
const Amount = Type.Union([Type.Number({ minimum: 0 }), Type.Null()])
const strict = { additionalProperties: false } as const

/** What a run of one phase was and came to; its folder holds the whole record. */
export const PhaseSchema = Type.Object(
  {
    runId: Type.String({ minLength: 1 }),
    /** The load as one sentence. */
    load: Type.String(),
    validity: Type.Object({ value: Validity, reasons: Type.Array(Type.String()) }, strict),
    verdict: Type.Object({ value: Verdict, reasons: Type.Array(Type.String()) }, strict),
    counts: Type.Object(
      {
        planned: Count,
        /** Of the planned ones those that left the generator. */
        attempted: Count,
        acknowledged: Count,
        final: Count,
        pending: Count,
        findings: Count,
      },
      strict,
    ),
    latencyMs: Type.Object({ ack: LatencySchema, finality: LatencySchema }, strict),
    reorganisations: Count,
    /** Gas of the blocks with ballots, by ballot; null without a chain. */
    gasPerBallot: Amount,
    /** Size of the blocks with ballots, by ballot; null without a chain. */
    bytesPerBallot: Amount,
    /** CPU-seconds for 1,000 final ballots; null where none was final. */
    cpuSPer1000: Type.Object(
      {
        nodes: Amount,
        /** API, relayer and database. */
        system: Amount,
        /** k6, feeder, resender. */
        generator: Amount,
      },
      strict,
    ),
    stealShare: Type.Number({ minimum: 0, maximum: 1 }),
    foreignCpuShare: Type.Number({ minimum: 0, maximum: 1 }),
  },
  strict,
)

/** Ballots a second under a load that was always more, and what follows from it. */
export const CapacitySchema = Type.Object(
  {
    perS: Type.Number({ minimum: 0 }),
    /** False: the system was never seen at its limit, and the rate is a lower bound. */
    isSaturated: Type.Boolean(),
    /** The seconds of the storm over which it was measured; the last one is not among them. */
    fromS: Count,
    untilS: Count,
    queue: Type.Enum(['before acknowledgement', 'before finality', 'nowhere']),
    /** Days for so many ballots at this rate. */
    days: Type.Object(
      { ballots220k: Type.Number(), ballots2M: Type.Number(), ballots12M: Type.Number() },
      strict,
    ),
    /** Share of ⌊gas limit / gas a ballot⌋ that a block held; null without a chain. */
    blockFillShare: Amount,
  },
  strict,
)

/** One design on one network. */
export const EntrySchema = Type.Object(
  {
    design: Type.String({ minLength: 1 }),
    description: Type.String(),
    trusted: Type.String(),
    readerChecks: Type.String(),
    witness: Type.Enum(['chain', 'mirror', 'database']),
    /** The kind of network; this and the two below are null where the design has no chain. */
    network: Type.Union([Type.String({ minLength: 1 }), Type.Null()]),
    validators: Type.Union([Count, Type.Null()]),
    gasLimit: Type.Union([Count, Type.Null()]),
    /** The same load for all. */
    plan: Type.Union([PhaseSchema, Type.Null()]),
    /** A load that is more than the design carries. */
    saturation: Type.Union([PhaseSchema, Type.Null()]),
    /**
     * Null where no ballot of the saturation became final, where its books name a breach, and where the
     * run is not to be believed or did not send what it planned.
     */
    capacity: Type.Union([CapacitySchema, Type.Null()]),
    /** Why a phase is missing, and what a reader should know. */
    notes: Type.Array(Type.String()),
  },
  strict,
)

/** Several designs under the same plan: the hand-over to the report that sets them side by side. */
export const Schema = Type.Object(
  {
    schema: Type.Literal(SCHEMA),
    seed: Type.String(),
    commit: Type.String(),
    /** ISO 8601. */
    startedAt: Type.String(),
    finishedAt: Type.String(),
    /** The command that repeats it. */
    command: Type.String(),
    voters: Count,
    ratePerS: Type.Number({ minimum: 0 }),
    cores: Count,
    entries: Type.Array(EntrySchema),
  },
  strict,
)

export type Comparison = Static<typeof Schema>
export type Entry = Static<typeof EntrySchema>
export type Phase = Static<typeof PhaseSchema>
export type Capacity = Static<typeof CapacitySchema>

/**
 * Reads and checks a comparison.
 *
 * @throws {InvalidError} lists all problems at once, or says that the file is no JSON.
 */
export function read(file: string): Comparison {
  let value: unknown
  try {
    value = fromSchema1(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new InvalidError(file, [error instanceof Error ? error.message : 'not JSON'])
  }
  if (Value.Check(Schema, value)) return value
  const problems = Value.Errors(Schema, value).map(
    ({ instancePath, message }) => `${instancePath === '' ? '/' : instancePath} ${message}`,
  )
  throw new InvalidError(file, problems)
}

/** A file is no comparison of a form that is known. */
export class InvalidError extends BallotstormError {
  override readonly name = 'Comparison.InvalidError'
  readonly code = 'COMPARISON_INVALID'
  readonly exitCode = 104
  readonly remedy =
    'Name a folder that `compare-designs` has written, or make the comparison again.'
  constructor(file: string, problems: readonly string[]) {
    super(
      `${file} is no comparison of the form ${SCHEMA}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    )
  }
}
