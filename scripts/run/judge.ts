import type { Books } from '../../metrics/books/reconcile.ts'
import type { Reading } from '../../metrics/machine/Machine.ts'
import type { Run } from '../../metrics/Run.ts'
import { criteria } from '../../metrics/verdict/criteria.ts'
import * as Objectives from '../../metrics/verdict/Objectives.ts'
import { validity } from '../../metrics/verdict/validity.ts'
import { verdict } from '../../metrics/verdict/verdict.ts'
import type { Storm } from '../../scenarios/storms/Storm.ts'

export type Measured = {
  books: Books
  machine: Reading
  /** Of the database, `unknown` where it did not tell; null where the design has none. */
  walSyncs: number | 'unknown' | null
  /** Between Prometheus and the history; null where nothing was compared. */
  counterDeviation: number | null
  /** What the probe said of itself; undefined where it said nothing. */
  probe: { timerLateMsP99: number } | undefined
  /** Parts of the harness, and of the system under test, that ended by themselves. */
  harnessExits: readonly string[]
  systemExits: readonly string[]
  interrupted: boolean
}

/** Findings, criteria, validity and verdict of a run: the run is judged before the system. */
export function judge(
  storm: Storm,
  measured: Measured,
): Pick<Run, 'findings' | 'objectives' | 'criteria' | 'validity' | 'verdict'> {
  const { books, machine, counterDeviation } = measured
  const { counts } = books
  const { total, listed, byLink } = books.findings
  const findings = { count: total, listed, ...(byLink !== undefined && { byLink }) }
  const objectives = Objectives.judge(storm.objectives, books)
  const ofRun = criteria({
    planned: counts.planned,
    unsent: counts.unsent,
    silent: books.silentCount,
    lateMsP99: books.lateMs.p99,
    answerMsP99: books.answerMs.p99,
    probe: {
      answerMs: books.probeAnswerMs,
      timerLateMsP99: measured.probe?.timerLateMsP99 ?? null,
    },
    machine,
    counterDeviation,
  })
  const valid = validity({ ...measured, objectives, criteria: ofRun })
  const judged = verdict({ ...measured, counts, findings, objectives, validity: valid })
  return { findings, objectives, criteria: ofRun, validity: valid, verdict: judged }
}
