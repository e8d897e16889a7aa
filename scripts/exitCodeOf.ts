import type { Run } from '../metrics/Run.ts'
import * as ExitCode from './ExitCode.ts'

/** The exit code that a run's record stands for. A breach of integrity outweighs everything. */
export function exitCodeOf(
  run: Pick<Run, 'verdict' | 'validity' | 'interrupted'> & { findings: { count: number } },
): number {
  if (run.findings.count > 0) return ExitCode.INTEGRITY_VIOLATED
  if (run.interrupted) return ExitCode.INTERRUPTED
  if (run.validity.value === 'GENERATOR_BOUND') return ExitCode.GENERATOR_BOUND
  if (run.validity.value === 'INCONCLUSIVE') return ExitCode.INCONCLUSIVE
  return BY_VERDICT[run.verdict.value]
}

const BY_VERDICT = {
  PASS: ExitCode.PASS,
  FAIL: ExitCode.OBJECTIVE_MISSED,
  INCONCLUSIVE: ExitCode.INCONCLUSIVE,
} as const
