import type { Latency, Run } from '../Run.ts'
import { criteria, type Measured } from './criteria.ts'
import * as Objectives from './Objectives.ts'
import { validity, type Evidence } from './validity.ts'
import { verdict, type Inputs } from './verdict.ts'

/** What a run is judged by. */
export type Judged = {
  /** What the scenario wants. */
  limits: Objectives.Limits
  /** What the books say. */
  books: Evidence['books'] & {
    findings: {
      total: number
      listed: Run['findings']['listed']
      byLink?: Run['findings']['byLink'] | undefined
    }
    latencyMs: Run['latencyMs']
    lateMs: { p99: number | null }
    answerMs: Latency
    probeAnswerMs: Latency
  }
  /** What the probe said of itself; undefined where it said nothing. */
  probe: { timerLateMsP99: number } | undefined
} & Pick<Measured, 'machine' | 'counterDeviation'> &
  Pick<Evidence, 'walSyncs' | 'harnessExits' | 'interrupted'> &
  Pick<Inputs, 'systemExits'>

/** Findings, criteria, validity and verdict of a run: the run is judged before the system. */
export function judge(
  judged: Judged,
): Pick<Run, 'findings' | 'objectives' | 'criteria' | 'validity' | 'verdict'> {
  const { books, probe } = judged
  const { counts } = books
  const { total, listed, byLink } = books.findings
  const findings = { count: total, listed, ...(byLink !== undefined && { byLink }) }
  // Over a storm that was broken off nothing that was wanted of the whole one can be said.
  const objectives = judged.interrupted ? [] : Objectives.judge(judged.limits, books)
  const ofRun = criteria({
    planned: counts.planned,
    unsent: counts.unsent,
    silent: books.silentCount,
    lateMsP99: books.lateMs.p99,
    answerMsP99: books.answerMs.p99,
    probe: { answerMs: books.probeAnswerMs, timerLateMsP99: probe?.timerLateMsP99 ?? null },
    machine: judged.machine,
    counterDeviation: judged.counterDeviation,
  })
  const valid = validity({ ...judged, objectives, criteria: ofRun })
  const found = verdict({ ...judged, counts, findings, objectives, validity: valid })
  return { findings, objectives, criteria: ofRun, validity: valid, verdict: found }
}
