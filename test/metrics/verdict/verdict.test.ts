import { describe, expect, test } from 'vitest'

import type { Counts, Criterion, Run } from '../../../metrics/Run.ts'
import { isConclusive } from '../../../metrics/verdict/comparisonEntry.ts'
import { criteria } from '../../../metrics/verdict/criteria.ts'
import * as Objectives from '../../../metrics/verdict/Objectives.ts'
import * as Validity from '../../../metrics/verdict/validity.ts'
import { verdict, type Inputs } from '../../../metrics/verdict/verdict.ts'
import * as ExitCode from '../../../scripts/ExitCode.ts'
import { UsageError } from '../../../scripts/UsageError.ts'
import { exitCodeOf, exitCodeOfComparison, exitCodeOfError } from '../../../scripts/exitCodeOf.ts'

const COUNTS: Counts = {
  planned: 1000,
  unsent: 0,
  attempted: 1000,
  acknowledged: 1000,
  refused: 0,
  indeterminate: 0,
  included: 1000,
  final: 1000,
  pending: 0,
  lost: 0,
  duplicated: 0,
  altered: 0,
  unexpected: 0,
  finalityBroken: 0,
  invalidReceipt: 0,
  resent: 0,
}
const ANSWERS = { p50: 5, p90: 8, p99: 20, p999: 30, max: 40, count: 1000, censoredCount: 0 }
const MET: Criterion = { name: 'finality', unit: 'ms', limit: 10_000, measured: 900, met: true }
const MISSED: Criterion = { ...MET, measured: 20_000, met: false }
const UNKNOWN: Criterion = { ...MET, measured: null, met: null }
const QUIET = { stealShare: 0.01, foreignCpuShare: 0.02, clockDriftMsMax: 3 }

type Changes = {
  counts?: Partial<Counts>
  books?: Partial<
    Validity.Evidence['books'] & { lateMs: Run['generator']['lateMs']; answerMs: typeof ANSWERS }
  >
  machine?: Partial<typeof QUIET>
  probe?: { p99?: number; count?: number; timerLateMsP99?: number | null }
  other?: Partial<
    Pick<Validity.Evidence, 'walSyncs' | 'harnessExits' | 'interrupted' | 'objectives'>
  >
}

function validityOf({ counts, books, machine, probe, other }: Changes = {}) {
  const { p99 = 20, count = 20, timerLateMsP99 = 1 } = probe ?? {}
  const known = {
    counts: { ...COUNTS, ...counts },
    silentCount: 0,
    lateMs: { p50: 1, p99: 10, max: 30 },
    answerMs: ANSWERS,
    problems: [],
    ...books,
  }
  return Validity.validity({
    books: known,
    criteria: criteria({
      planned: known.counts.planned,
      unsent: known.counts.unsent,
      silent: known.silentCount,
      lateMsP99: known.lateMs.p99,
      answerMsP99: known.answerMs.p99,
      probe: { answerMs: { p99, count }, timerLateMsP99 },
      machine: { ...QUIET, ...machine },
      counterDeviation: null,
    }),
    walSyncs: 100,
    harnessExits: [],
    interrupted: false,
    objectives: [MET],
    ...other,
  })
}

describe('validity', () => {
  test('default: a clean run is valid, without reasons', () => {
    expect(validityOf()).toEqual({ value: 'VALID', reasons: [] })
    expect(validityOf({ other: { walSyncs: null } }).value).toBe('VALID')
  })

  const late = { p50: 100, p99: 251, max: 400 }
  const UNSENT: Changes = {
    counts: { unsent: 300, attempted: 700, acknowledged: 700, final: 700, included: 700 },
  }
  const SLOW = { ...ANSWERS, p99: 1001 }
  test.each<[string, string, Changes]>([
    [
      'unsent',
      'GENERATOR_BOUND',
      { counts: { unsent: 2, attempted: 998, acknowledged: 998, final: 998 } },
    ],
    ['silent', 'GENERATOR_BOUND', { books: { silentCount: 2 } }],
    ['late, answers quick', 'GENERATOR_BOUND', { books: { lateMs: late } }],
    [
      'late behind a slow system',
      'VALID',
      { books: { lateMs: late, answerMs: SLOW }, probe: { p99: 1001 } },
    ],
    [
      'slow answers, and the probe sees the same',
      'VALID',
      { books: { answerMs: SLOW }, probe: { p99: 1001 } },
    ],
    // A k6 that is stopped for 1.5 s sends late, and reads late what was answered long ago.
    [
      'late, and slow answers by the word of the late k6 alone',
      'GENERATOR_BOUND',
      { books: { lateMs: { ...late, p99: 1480 }, answerMs: SLOW }, probe: { p99: 1000 } },
    ],
    [
      'on time, and slow answers by the word of k6 alone',
      'GENERATOR_BOUND',
      { books: { answerMs: SLOW }, probe: { p99: 1000 } },
    ],
    [
      'slow answers and a probe with few',
      'INCONCLUSIVE',
      { books: { answerMs: SLOW }, probe: { p99: 1001, count: 19 } },
    ],
    [
      'slow answers and a probe that was late itself',
      'INCONCLUSIVE',
      { books: { answerMs: SLOW }, probe: { p99: 1001, timerLateMsP99: 251 } },
    ],
    [
      'slow answers and a probe that says nothing of itself',
      'INCONCLUSIVE',
      { books: { answerMs: SLOW }, probe: { timerLateMsP99: null } },
    ],
    [
      'unsent behind a system that stands still',
      'VALID',
      { ...UNSENT, probe: { p99: 5000 }, other: { objectives: [MISSED] } },
    ],
    [
      'unsent behind a slow system in which nothing is missed',
      'GENERATOR_BOUND',
      { ...UNSENT, probe: { p99: 5000 } },
    ],
    [
      'unsent, and a missed objective of a quick system',
      'GENERATOR_BOUND',
      { ...UNSENT, other: { objectives: [MISSED] } },
    ],
    ['a probe with few answers, none of them missed', 'VALID', { probe: { count: 0 } }],
    [
      'one unsent in a thousand',
      'VALID',
      { counts: { unsent: 1, attempted: 999, acknowledged: 999, final: 999, included: 999 } },
    ],
    ['late by just 250 ms', 'VALID', { books: { lateMs: { ...late, p99: 250 } } }],
    [
      'nothing planned',
      'INCONCLUSIVE',
      { counts: { planned: 0, attempted: 0, acknowledged: 0, final: 0, included: 0 } },
    ],
    [
      'nothing attempted',
      'INCONCLUSIVE',
      { counts: { unsent: 1000, attempted: 0, acknowledged: 0, final: 0, included: 0 } },
    ],
    [
      'nothing acknowledged',
      'INCONCLUSIVE',
      { counts: { acknowledged: 0, refused: 1000, final: 0, included: 0 } },
    ],
    ['clock stepped', 'INCONCLUSIVE', { machine: { clockDriftMsMax: 51 } }],
    ['no log synced', 'INCONCLUSIVE', { other: { walSyncs: 0 } }],
    ['syncs unknown', 'INCONCLUSIVE', { other: { walSyncs: 'unknown' } }],
    ['a process died', 'INCONCLUSIVE', { other: { harnessExits: ['witness'] } }],
    ['interrupted', 'INCONCLUSIVE', { other: { interrupted: true } }],
    ['history damaged', 'INCONCLUSIVE', { books: { problems: ['attempts.log: malformed line'] } }],
    ['books out of balance', 'INCONCLUSIVE', { counts: { attempted: 999 } }],
    [
      'stolen, and an objective missed',
      'INCONCLUSIVE',
      { machine: { stealShare: 0.06 }, other: { objectives: [MISSED] } },
    ],
    [
      'foreign load, and an objective missed',
      'INCONCLUSIVE',
      { machine: { foreignCpuShare: 0.11 }, other: { objectives: [MISSED] } },
    ],
    [
      'stolen, and ballots pending',
      'INCONCLUSIVE',
      { machine: { stealShare: 0.5 }, counts: { final: 950, pending: 50 } },
    ],
    ['stolen, and all met in spite of it', 'VALID', { machine: { stealShare: 0.6 } }],
    [
      'late and stolen',
      'GENERATOR_BOUND',
      { books: { lateMs: late }, machine: { stealShare: 0.5 } },
    ],
    [
      'late and interrupted',
      'INCONCLUSIVE',
      { books: { lateMs: late }, other: { interrupted: true } },
    ],
  ])('behavior: %s is %s', (_, value, changes) => {
    const judged = validityOf(changes)
    expect(judged.value).toBe(value)
    expect(judged.reasons.length > 0).toBe(value !== 'VALID')
  })
})

describe('verdict', () => {
  const VALID: Run['validity'] = { value: 'VALID', reasons: [] }
  const BOUND: Run['validity'] = { value: 'GENERATOR_BOUND', reasons: ['late'] }
  const clean = {
    counts: COUNTS,
    findings: { count: 0 },
    systemExits: [],
    objectives: [MET],
    validity: VALID,
  }

  test('default: a valid run that meets everything passes', () => {
    expect(verdict(clean)).toEqual({ value: 'PASS', reasons: [] })
  })

  test.each<[string, string, Partial<Inputs>]>([
    ['an objective missed', 'FAIL', { objectives: [MET, MISSED] }],
    ['an objective without a sample', 'INCONCLUSIVE', { objectives: [MET, UNKNOWN] }],
    ['one missed and one unknown', 'FAIL', { objectives: [UNKNOWN, MISSED] }],
    ['pending ballots', 'FAIL', { counts: { pending: 1 } }],
    ['a generator that was bound', 'INCONCLUSIVE', { validity: BOUND }],
    [
      'a bound generator and a missed objective',
      'INCONCLUSIVE',
      { validity: BOUND, objectives: [MISSED] },
    ],
    ['a part of the system that fell', 'FAIL', { systemExits: ['api (SIGKILL)'] }],
    [
      'a part that fell in a bound run',
      'FAIL',
      { validity: BOUND, systemExits: ['api (SIGKILL)'] },
    ],
    ['a breach in a bound run', 'FAIL', { validity: BOUND, findings: { count: 1 } }],
    ['a breach with all objectives met', 'FAIL', { findings: { count: 1 } }],
  ])('behavior: %s is %s', (_, value, changes) => {
    const judged = verdict({ ...clean, ...changes })
    expect(judged.value).toBe(value)
    expect(judged.reasons).not.toEqual([])
  })
})

describe('reasons', () => {
  test('behavior: every missed objective is told, in words that a reader knows', () => {
    const share = { ...MISSED, name: 'share', unit: 'share', limit: 0.01, measured: 0.568333333 }
    const { reasons } = verdict({
      counts: { pending: 0 },
      findings: { count: 0 },
      systemExits: [],
      objectives: [MISSED, share, { ...MISSED, name: 'ack', measured: 1234.5678 }],
      validity: { value: 'VALID', reasons: [] },
    })
    expect(reasons).toEqual([
      'The finality is 20,000 ms, the objective is 10,000 ms.',
      'The share is 56.8 %, the objective is 1.0 %.',
      'The ack is 1,235 ms, the objective is 10,000 ms.',
    ])
  })
})

describe('judge', () => {
  const latency = { ack: ANSWERS, inclusion: ANSWERS, finality: { ...ANSWERS, p99: 2000 } }
  test('default', () => {
    const limits = { ackMsP99Max: 20, finalityMsP99Max: 1999, notAcknowledgedShareMax: 0 }
    const judged = Objectives.judge(limits, { counts: COUNTS, latencyMs: latency })
    expect(judged.map(({ met, measured }) => [met, measured])).toEqual([
      [true, 20],
      [false, 2000],
      [true, 0],
    ])
  })

  test('behavior: voters who were refused and those without an answer have no acknowledgement', () => {
    const counts = { ...COUNTS, acknowledged: 900, refused: 60, indeterminate: 40 }
    const limits = { notAcknowledgedShareMax: 0.1 }
    const [judged] = Objectives.judge(limits, { counts, latencyMs: latency })
    expect(judged).toMatchObject({ unit: 'share', measured: 0.1, met: true })
  })

  test('behavior: without a sample nothing is met and nothing missed', () => {
    const none = { ...ANSWERS, p99: null }
    const counts = { ...COUNTS, attempted: 0 }
    const latencyMs = { ack: none, inclusion: none, finality: none }
    const limits = { ackMsP99Max: 20, notAcknowledgedShareMax: 0 }
    const judged = Objectives.judge(limits, { counts, latencyMs })
    expect(judged.map(({ met }) => met)).toEqual([null, null])
  })
})

describe('exitCodeOf', () => {
  const record: Parameters<typeof exitCodeOf>[0] = {
    verdict: { value: 'PASS', reasons: [] },
    validity: { value: 'VALID', reasons: [] },
    interrupted: false,
    findings: { count: 0 },
  }

  test.each<[number, Partial<typeof record>]>([
    [ExitCode.PASS, {}],
    [ExitCode.OBJECTIVE_MISSED, { verdict: { value: 'FAIL', reasons: [] } }],
    [ExitCode.INCONCLUSIVE, { verdict: { value: 'INCONCLUSIVE', reasons: [] } }],
    [ExitCode.INCONCLUSIVE, { validity: { value: 'INCONCLUSIVE', reasons: [] } }],
    [ExitCode.GENERATOR_BOUND, { validity: { value: 'GENERATOR_BOUND', reasons: [] } }],
    [
      ExitCode.OBJECTIVE_MISSED,
      {
        verdict: { value: 'FAIL', reasons: [] },
        validity: { value: 'INCONCLUSIVE', reasons: [] },
      },
    ],
    [ExitCode.INTERRUPTED, { interrupted: true, validity: { value: 'INCONCLUSIVE', reasons: [] } }],
    [ExitCode.INTEGRITY_VIOLATED, { interrupted: true, findings: { count: 1 } }],
  ])('behavior: %s', (code, changes) => {
    expect(exitCodeOf({ ...record, ...changes })).toBe(code)
  })
})

type Standing = { validity?: string; verdict?: string; findings?: number } | null

/** What an exit code is made of; a clean phase where nothing else is said. */
function phase(standing: Standing): object | null {
  if (standing === null) return null
  const { validity = 'VALID', verdict: value = 'PASS', findings = 0 } = standing
  return { validity: { value: validity }, verdict: { value }, counts: { findings } }
}

describe('exitCodeOfComparison', () => {
  test.each<[number, Standing, Standing]>([
    [ExitCode.PASS, {}, {}],
    [ExitCode.PASS, {}, { verdict: 'FAIL' }],
    [ExitCode.OBJECTIVE_MISSED, { verdict: 'FAIL' }, {}],
    [ExitCode.OBJECTIVE_MISSED, { verdict: 'FAIL' }, { validity: 'GENERATOR_BOUND' }],
    [ExitCode.GENERATOR_BOUND, {}, { validity: 'GENERATOR_BOUND' }],
    [ExitCode.GENERATOR_BOUND, { validity: 'GENERATOR_BOUND', verdict: 'INCONCLUSIVE' }, {}],
    [ExitCode.INCONCLUSIVE, {}, { validity: 'INCONCLUSIVE' }],
    [ExitCode.INCONCLUSIVE, {}, null],
    [ExitCode.INCONCLUSIVE, null, {}],
    // A valid run that nobody could judge, for example where others had the machine.
    [ExitCode.INCONCLUSIVE, { verdict: 'INCONCLUSIVE' }, {}],
    [ExitCode.PASS, {}, { verdict: 'INCONCLUSIVE' }],
    [ExitCode.INTEGRITY_VIOLATED, { verdict: 'FAIL' }, { findings: 1 }],
  ])('behavior: %s', (code, plan, saturation) => {
    const entry = { plan: phase(plan), saturation: phase(saturation), capacity: {} }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the rest of an entry is not looked at
    const entries = [entry] as unknown as Parameters<typeof exitCodeOfComparison>[0]['entries']
    expect(exitCodeOfComparison({ entries })).toBe(code)
  })

  test('behavior: a design of which no capacity is known leaves a hole', () => {
    const entry = { plan: phase({}), saturation: phase({}), capacity: null }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the rest of an entry is not looked at
    const entries = [entry] as unknown as Parameters<typeof exitCodeOfComparison>[0]['entries']
    expect(exitCodeOfComparison({ entries })).toBe(ExitCode.INCONCLUSIVE)
  })

  test('behavior: a comparison of nothing is inconclusive', () => {
    expect(exitCodeOfComparison({ entries: [] })).toBe(ExitCode.INCONCLUSIVE)
  })
})

describe('exitCodeOfError', () => {
  test('default: an error of ours has a code of its own, any other is a bug', () => {
    expect(exitCodeOfError(new UsageError(['--voters is 0']))).toBe(ExitCode.BAD_CONFIGURATION)
    expect(exitCodeOfError(new TypeError('a bug'))).toBe(ExitCode.UNEXPECTED)
    expect(exitCodeOfError('no error at all')).toBe(ExitCode.UNEXPECTED)
  })
})

describe('isConclusive', () => {
  test.each([
    ['VALID', true, true],
    ['VALID', false, false],
    ['VALID', null, false],
    ['GENERATOR_BOUND', true, false],
    ['INCONCLUSIVE', true, false],
  ] as const)('behavior: %s, all sent %s: %s', (value, met, isIt) => {
    const unsentShare = { ...MET, met }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no other criterion is looked at
    const ofRun = { unsentShare } as Run['criteria']
    expect(isConclusive({ validity: { value, reasons: [] }, criteria: ofRun })).toBe(isIt)
  })
})
