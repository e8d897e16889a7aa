import type { Books } from '../../metrics/books/reconcile.ts'
import type { Reading } from '../../metrics/machine/Machine.ts'
import type { Finding, Run } from '../../metrics/Run.ts'
import * as Objectives from '../../metrics/verdict/Objectives.ts'
import { validity } from '../../metrics/verdict/validity.ts'
import { verdict } from '../../metrics/verdict/verdict.ts'
import type { Storm } from '../../scenarios/storms/Storm.ts'

export type Measured = {
  books: Books
  machine: Reading
  /** Of the database, `unknown` where it did not tell; null where the design has none. */
  walSyncs: number | 'unknown' | null
  tallyFindings: readonly Finding[]
  /** Parts of the harness, and of the system under test, that ended by themselves. */
  died: readonly string[]
  fallen: readonly string[]
  interrupted: boolean
}

/** Findings, objectives, validity and verdict of a run: the run is judged before the system. */
export function judge(
  storm: Storm,
  measured: Measured,
): Pick<Run, 'findings' | 'objectives' | 'validity' | 'verdict'> {
  const { books, tallyFindings } = measured
  const findings = {
    count: books.findings.total + tallyFindings.length,
    listed: [...tallyFindings, ...books.findings.listed],
    ...(books.findings.byLink !== undefined && { byLink: books.findings.byLink }),
  }
  const objectives = Objectives.judge(storm.objectives, books)
  const valid = validity({ ...measured, objectives })
  const judged = verdict({
    ...measured,
    counts: books.counts,
    findings,
    objectives,
    validity: valid,
  })
  return { findings, objectives, validity: valid, verdict: judged }
}
