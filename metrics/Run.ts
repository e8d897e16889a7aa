import { readFileSync } from 'node:fs'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import { BallotstormError } from '../scenarios/runtime/BallotstormError.ts'
import * as Finality from '../scenarios/ballots/Finality.ts'
import { fromSchema1 } from './RunSchema1.ts'
import * as SignedTwice from './SignedTwice.ts'
import * as Sources from './Sources.ts'
import * as Series from './series/Series.ts'
import * as Path from '../scenarios/ballots/Path.ts'

/** The version of the run record's form; bumped with every change that a reader could notice. */
export const SCHEMA = 'ballotstorm/run/2'

const Count = Type.Integer({ minimum: 0 })
const Share = Type.Number({ minimum: 0, maximum: 1 })
const strict = { additionalProperties: false } as const

/** Percentiles in ms; null where there was no sample. Censored ones count with their age at the end. */
export const LatencySchema = Type.Object(
  {
    p50: Type.Union([Type.Number(), Type.Null()]),
    p90: Type.Union([Type.Number(), Type.Null()]),
    p99: Type.Union([Type.Number(), Type.Null()]),
    p999: Type.Union([Type.Number(), Type.Null()]),
    max: Type.Union([Type.Number(), Type.Null()]),
    count: Count,
    /** Samples whose end was not seen: they count with their age at the deadline. */
    censoredCount: Count,
  },
  strict,
)

/** The kinds of breach that the books name. */
export const FINDING_KINDS = [
  'lost',
  'duplicated',
  'altered',
  'unexpected',
  'finalityBroken',
  'invalidReceipt',
  'tallyMismatch',
  'nodesDisagree',
  /** A node showed a block that does not hold in itself, or lacks its seals. */
  'brokenBlock',
  /** Calldata and events of one transaction tell different things. */
  'contradiction',
] as const

/** The links of the way that a ballot takes; on one of them a breach came to be. */
export const LINKS = ['voter and database', 'database and chain'] as const

export const FindingSchema = Type.Object(
  {
    kind: Type.Enum(FINDING_KINDS),
    /** The ballot's number in the plan; absent where the plan knows no such ballot. */
    ballot: Type.Optional(Count),
    pollId: Type.Optional(Count),
    voterIndex: Type.Optional(Count),
    /**
     * The first link on which two neighbours tell different things of the ballot; absent where there
     * is no database to ask, and for findings that are not about a ballot's way.
     */
    brokenBetween: Type.Optional(Type.Enum(LINKS)),
    /** One sentence that a person reads. */
    message: Type.String(),
    /** What a third party can check: the signed ballot, the answer with its receipt, block, transaction. */
    evidence: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  },
  strict,
)

/** What a run is judged by before the system: each is in every record. */
export const CRITERIA = [
  'unsentShare',
  'lateMsP99',
  'answerMsP99',
  'probeAnswerMsP99',
  'probeLateMsP99',
  'clockDriftMsMax',
  'stealShare',
  'foreignCpuShare',
  'counterDeviation',
] as const

export const CountsSchema = Type.Object(
  {
    planned: Count,
    unsent: Count,
    attempted: Count,
    acknowledged: Count,
    refused: Count,
    indeterminate: Count,
    included: Count,
    final: Count,
    pending: Count,
    lost: Count,
    duplicated: Count,
    altered: Count,
    unexpected: Count,
    finalityBroken: Count,
    invalidReceipt: Count,
    resent: Count,
    /**
     * Ballots that were in a block which left the chain, and so went back to pending, their clock
     * still running; absent in records from before it was counted.
     */
    reorganised: Type.Optional(Count),
  },
  strict,
)

export const Validity = Type.Union([
  Type.Literal('VALID'),
  Type.Literal('GENERATOR_BOUND'),
  Type.Literal('INCONCLUSIVE'),
])
export const Verdict = Type.Union([
  Type.Literal('PASS'),
  Type.Literal('FAIL'),
  Type.Literal('INCONCLUSIVE'),
])

/** A bound that is set, and what was measured against it. */
export const CriterionSchema = Type.Object(
  {
    name: Type.String(),
    unit: Type.String(),
    /** The greatest value that is still within the bound. */
    limit: Type.Number(),
    /** Null where there was no sample: then the criterion is not met, but unknown. */
    measured: Type.Union([Type.Number(), Type.Null()]),
    met: Type.Union([Type.Boolean(), Type.Null()]),
  },
  strict,
)

export const NetworkSchema = Type.Object(
  {
    kind: Type.String(),
    /** Null where neither nodes nor chain say who seals the blocks. */
    validators: Type.Union([Count, Type.Null()]),
    chainId: Count,
    genesisHash: Type.String(),
    clientVersion: Type.String(),
    blockTimeMs: Count,
    gasLimit: Count,
    finality: Finality.Schema,
  },
  strict,
)

/** What happened in a run: the one hand-over to verdicts, reports and comparisons. */
export const Schema = Type.Object(
  {
    schema: Type.Literal(SCHEMA),
    id: Type.String({ minLength: 1 }),
    seed: Type.String(),
    /** Git commit of the harness, with `+dirty` where the tree had changes; `unknown` outside git. */
    commit: Type.String(),
    scenario: Type.String(),
    design: Type.String(),
    /** Whom the books believe beside the history. */
    witness: Type.Union([Type.Literal('chain'), Type.Literal('mirror'), Type.Literal('database')]),
    /** ISO 8601. */
    startedAt: Type.String(),
    finishedAt: Type.String(),
    /** True where the run was broken off; then everything counts up to that moment only. */
    interrupted: Type.Boolean(),
    /** The command that repeats this run. */
    command: Type.String(),
    load: Type.Object(
      {
        /** One sentence, for example `17/s for 60 s`. */
        description: Type.String(),
        path: Path.Schema,
        stormMs: Count,
        /** Unix ms of the storm's first instant. */
        startAtMs: Count,
        drainMs: Count,
      },
      strict,
    ),
    /** Null where the design has no chain. */
    network: Type.Union([NetworkSchema, Type.Null()]),
    /** What `verify` needs to find the ballots; null where the design has no chain. */
    deployment: Type.Union([
      Type.Object(
        {
          /** Address of the contract, `0x` and 40 hex digits. */
          contract: Type.String(),
          /** No ballot lies in an earlier block. */
          fromBlock: Count,
          /** Who signs the API's receipts; null where there is no API. */
          receiptSigner: Type.Union([Type.String(), Type.Null()]),
        },
        strict,
      ),
      Type.Null(),
    ]),
    /** Null where there is no chain, or the witness was ended before it said it; absent in older records. */
    sources: Type.Optional(Type.Union([Sources.Schema, Type.Null()])),
    electorate: Type.Object({ size: Count }, strict),
    polls: Type.Array(
      Type.Object(
        {
          pollId: Count,
          question: Type.String(),
          options: Type.Array(Type.String()),
          /** The contract's own tally after sealing; null where it could not be read. */
          tally: Type.Union([Type.Array(Count), Type.Null()]),
          /** Our count of final ballots by choice. */
          recount: Type.Array(Count),
        },
        strict,
      ),
    ),
    counts: CountsSchema,
    /** Refused ballots by the reason of their last refusal, in the words of whoever refused, most first. */
    refusals: Type.Array(Type.Object({ reason: Type.String(), count: Count }, strict)),
    /** Ballots a second over the storm window; the drain is apart. */
    rates: Type.Object(
      { offeredPerS: Type.Number(), acknowledgedPerS: Type.Number(), finalPerS: Type.Number() },
      strict,
    ),
    latencyMs: Type.Object(
      { ack: LatencySchema, inclusion: LatencySchema, finality: LatencySchema },
      strict,
    ),
    generator: Type.Object(
      {
        /** How late ballots left, against the plan. */
        lateMs: Type.Object(
          {
            p50: Type.Union([Type.Number(), Type.Null()]),
            p99: Type.Union([Type.Number(), Type.Null()]),
            max: Type.Union([Type.Number(), Type.Null()]),
          },
          strict,
        ),
        /** CPU of k6, feeder and resender. */
        cpuS: Type.Number({ minimum: 0 }),
      },
      strict,
    ),
    blocks: Type.Object(
      {
        count: Count,
        gasPerBallot: Type.Union([Type.Number(), Type.Null()]),
        /** Size of the blocks with ballots by ballot; absent in records from before it was measured. */
        bytesPerBallot: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
        reorgCount: Count,
        reorgDepthMax: Count,
        intervalMs: Type.Object(
          {
            p50: Type.Union([Type.Number(), Type.Null()]),
            max: Type.Union([Type.Number(), Type.Null()]),
          },
          strict,
        ),
      },
      strict,
    ),
    machine: Type.Object(
      {
        cores: Count,
        memoryBytes: Count,
        /** Share of the machine's CPU time that a hypervisor took, over the storm and drain. */
        stealShare: Share,
        /** Share of the machine's CPU time that processes outside of this run took. */
        foreignCpuShare: Share,
        /** CPU seconds by part of the run, over storm and drain. */
        cpuSByProcess: Type.Record(Type.String(), Type.Number()),
        /** Greatest difference seen between the steps of wall and monotonic clock. */
        clockDriftMsMax: Type.Number({ minimum: 0 }),
      },
      strict,
    ),
    /** Null where the design has no database. */
    database: Type.Union([
      Type.Object(
        {
          version: Type.String(),
          fsync: Type.String(),
          synchronousCommit: Type.String(),
          fullPageWrites: Type.String(),
          /** Over storm and drain; null where the database did not tell. */
          walSyncs: Type.Union([Count, Type.Null()]),
          filesystem: Type.String(),
          fsyncMsP50: Type.Union([Type.Number(), Type.Null()]),
        },
        strict,
      ),
      Type.Null(),
    ]),
    /** Null where Prometheus could not be had; then the reason stands in `notes`. */
    prometheus: Type.Union([
      Type.Object(
        {
          version: Type.String(),
          /** Greatest relative difference between its final counters and the history's. */
          counterDeviationMax: Type.Union([Type.Number(), Type.Null()]),
        },
        strict,
      ),
      Type.Null(),
    ]),
    /** Part, version and where it came from. */
    tools: Type.Array(
      Type.Object({ name: Type.String(), version: Type.String(), source: Type.String() }, strict),
    ),
    findings: Type.Object(
      {
        /** All of them; the list below is cut at {@link FINDINGS_LISTED_MAX}. */
        count: Count,
        listed: Type.Array(FindingSchema),
        /** How many of all findings came to be on which link; absent where no database was asked. */
        byLink: Type.Optional(Type.Object({ [LINKS[0]]: Count, [LINKS[1]]: Count }, strict)),
      },
      strict,
    ),
    /** Voters' own doing, and no breach; absent in records from before it was told apart. */
    signedTwice: Type.Optional(SignedTwice.Schema),
    /** The bounds that the scenario sets to the system. */
    objectives: Type.Array(CriterionSchema),
    /** The bounds within which a run can be believed, by the names of the verdict. */
    criteria: Type.Record(Type.Enum(CRITERIA), CriterionSchema),
    validity: Type.Object({ value: Validity, reasons: Type.Array(Type.String()) }, strict),
    verdict: Type.Object({ value: Verdict, reasons: Type.Array(Type.String()) }, strict),
    /** What a reader should know beside: parts that were missing, what the design cannot show. */
    notes: Type.Array(Type.String()),
    series: Type.Array(Series.Schema),
  },
  strict,
)

/** A record is read by people and programs; a million findings are in the books' own file. */
export const FINDINGS_LISTED_MAX = 100

export type Run = Static<typeof Schema>
export type Latency = Static<typeof LatencySchema>
export type Finding = Static<typeof FindingSchema>
export type FindingKind = (typeof FINDING_KINDS)[number]
export type Link = (typeof LINKS)[number]
export type Counts = Static<typeof CountsSchema>
export type Criterion = Static<typeof CriterionSchema>
export type Network = Static<typeof NetworkSchema>

/**
 * Reads and checks a run record.
 *
 * @throws {InvalidError} lists all problems at once, or says that the file is no JSON.
 */
export function read(file: string): Run {
  return parse(readFileSync(file, 'utf8'), file)
}

/**
 * Checks the text of a run record.
 *
 * @param origin - what the error calls it.
 * @throws {InvalidError}
 */
export function parse(text: string, origin: string): Run {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new InvalidError(origin, [error instanceof Error ? error.message : 'not JSON'])
  }
  value = fromSchema1(value)
  if (Value.Check(Schema, value)) return value
  const problems = Value.Errors(Schema, value).map(
    ({ instancePath, message }) => `${instancePath === '' ? '/' : instancePath} ${message}`,
  )
  throw new InvalidError(origin, problems)
}

/** A file is no run record of a form that is known. */
export class InvalidError extends BallotstormError {
  override readonly name = 'Run.InvalidError'
  readonly code = 'RUN_INVALID'
  readonly exitCode = 104
  readonly remedy = 'Name the folder of a run, or run it again.'
  constructor(origin: string, problems: readonly string[]) {
    super(
      `${origin} is no run record of the form ${SCHEMA}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    )
  }
}
