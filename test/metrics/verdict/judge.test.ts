import { describe, expect, test } from 'vitest'

import type { Counts, Finding, Latency } from '../../../metrics/Run.ts'
import { judge, type Judged } from '../../../metrics/verdict/judge.ts'
import * as Runs from '../../fixtures/runs.ts'

const { counts: COUNTS, latencyMs: LATENCY, findings } = Runs.integrityViolated()
const FINDINGS: Finding[] = findings.listed
const ALL_FINAL: Counts = Runs.passed().counts
const ANSWERS: Latency = { ...LATENCY.ack, p99: 41, count: 5520 }

type Changes = { books?: Partial<Judged['books']> } & Partial<Omit<Judged, 'books'>>

function judged({ books, ...changes }: Changes = {}) {
  return judge({
    limits: { finalityMsP99Max: 10_000 },
    books: {
      counts: ALL_FINAL,
      silentCount: 0,
      problems: [],
      findings: { total: 0, listed: [] },
      latencyMs: LATENCY,
      lateMs: { p99: 4 },
      answerMs: ANSWERS,
      probeAnswerMs: { ...ANSWERS, p99: 30, count: 100 },
      ...books,
    },
    probe: { timerLateMsP99: 3 },
    machine: { stealShare: 0.01, foreignCpuShare: 0.02, clockDriftMsMax: 5 },
    counterDeviation: 0.001,
    walSyncs: 100,
    harnessExits: [],
    systemExits: [],
    interrupted: false,
    ...changes,
  })
}

describe('judge', () => {
  test('default: everything that was measured stands beside its bound, and the run passes', () => {
    const found = judged()
    const measured = Object.entries(found.criteria).map(([name, one]) => [name, one.measured])
    expect(Object.fromEntries(measured)).toEqual({
      unsentShare: 0,
      lateMsP99: 4,
      answerMsP99: 41,
      probeAnswerMsP99: 30,
      probeLateMsP99: 3,
      clockDriftMsMax: 5,
      stealShare: 0.01,
      foreignCpuShare: 0.02,
      counterDeviation: 0.001,
    })
    expect(found.objectives).toMatchObject([{ limit: 10_000, measured: 2280, met: true }])
    expect(found).toMatchObject({
      findings: { count: 0, listed: [] },
      validity: { value: 'VALID' },
      verdict: { value: 'PASS' },
    })
    expect(found.findings).not.toHaveProperty('byLink')
  })

  test('behavior: a run with nothing to check does not pass', () => {
    const { counts } = Runs.empty()
    const none = { p50: null, p90: null, p99: null, p999: null, max: null }
    const latency = { ...none, count: 0, censoredCount: 0 }
    const latencyMs = { ack: latency, inclusion: latency, finality: latency }
    const found = judged({ books: { counts, latencyMs, answerMs: latency } })
    expect(found.validity.value).toBe('INCONCLUSIVE')
    expect(found.verdict.value).toBe('INCONCLUSIVE')
    expect(found.objectives).toMatchObject([{ measured: null, met: null }])
  })

  test('behavior: breaches are told with the link on which they came to be', () => {
    const byLink = { 'voter and database': 5, 'database and chain': 2 }
    const found = judged({
      books: { counts: COUNTS, findings: { total: 8, listed: FINDINGS, byLink } },
    })
    expect(found.findings).toEqual({ count: 8, listed: FINDINGS, byLink })
    expect(found.verdict).toMatchObject({ value: 'FAIL', reasons: [expect.stringContaining('8 ')] })
  })

  test('behavior: of a storm that was broken off no objective is judged', () => {
    const found = judged({ interrupted: true, limits: { finalityMsP99Max: 1 } })
    expect(found.objectives).toEqual([])
    expect(found.verdict.value).toBe('INCONCLUSIVE')
  })

  test('behavior: a missed objective fails a run that can be believed', () => {
    const found = judged({ limits: { finalityMsP99Max: 2279 } })
    expect(found).toMatchObject({ validity: { value: 'VALID' }, verdict: { value: 'FAIL' } })
  })

  test('behavior: ballots that left no trace make the generator the bound', () => {
    const found = judged({ books: { silentCount: 6 } })
    expect(found.criteria.unsentShare.measured).toBeCloseTo(6 / 5520)
    expect(found.validity.value).toBe('GENERATOR_BOUND')
  })

  test('behavior: ballots that did not leave make it so too', () => {
    const left = { attempted: 5514, acknowledged: 5514, included: 5514, final: 5514 }
    const found = judged({ books: { counts: { ...ALL_FINAL, ...left, unsent: 6 } } })
    expect(found.validity.value).toBe('GENERATOR_BOUND')
  })

  test('behavior: without a probe nobody can tell whether the system or k6 was slow', () => {
    const answerMs = { ...ANSWERS, p99: 1001 }
    const found = judged({ books: { answerMs }, probe: undefined })
    expect(found.criteria.probeLateMsP99.measured).toBeNull()
    expect(found.validity.value).toBe('INCONCLUSIVE')
  })
})
