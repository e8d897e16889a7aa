import { expect } from 'vitest'

import type { Run } from '../../metrics/Run.ts'
import * as ExitCode from '../../scripts/ExitCode.ts'

/** Whether others had so much of the machine that a miss says nothing. */
export function isTaken({ criteria }: Run): boolean {
  return criteria.foreignCpuShare.met === false || criteria.stealShare.met === false
}

/**
 * Of a run in which nothing went wrong: it passes, and its books balance. Where others had the machine
 * it may say that nobody can tell, and nothing worse.
 *
 * @param end - how the command ended; without one it was no command.
 */
export function expectPass(run: Run, end?: { exitCode: number | null; stderr: string }): void {
  const { findings, validity, verdict } = run
  const untold = isTaken(run) && validity.value === 'INCONCLUSIVE'
  const value = untold ? 'INCONCLUSIVE' : 'PASS'
  expect({
    findings: findings.listed,
    reasons: untold ? [] : validity.reasons,
    verdict: verdict.value,
  }).toEqual({ findings: [], reasons: [], verdict: value })
  const exitCode = untold ? ExitCode.INCONCLUSIVE : ExitCode.PASS
  if (end !== undefined) expect(end.exitCode, end.stderr).toBe(exitCode)
  expect(run.counts.final).toBe(run.counts.planned)
}
