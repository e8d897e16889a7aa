import type { Comparison } from '../metrics/Comparison.ts'
import type { Run } from '../metrics/Run.ts'
import { BallotstormError } from '../scenarios/runtime/BallotstormError.ts'
import * as ExitCode from './ExitCode.ts'

/** The exit code that a run's record stands for. A breach of integrity outweighs everything. */
export function exitCodeOf(
  run: Pick<Run, 'verdict' | 'validity' | 'interrupted'> & { findings: { count: number } },
): number {
  if (run.findings.count > 0) return ExitCode.INTEGRITY_VIOLATED
  if (run.interrupted) return ExitCode.INTERRUPTED
  if (run.verdict.value === 'FAIL') return ExitCode.OBJECTIVE_MISSED
  if (run.validity.value === 'GENERATOR_BOUND') return ExitCode.GENERATOR_BOUND
  if (run.validity.value === 'INCONCLUSIVE') return ExitCode.INCONCLUSIVE
  return run.verdict.value === 'PASS' ? ExitCode.PASS : ExitCode.INCONCLUSIVE
}

/**
 * A breach anywhere outweighs all, then a plan that a design did not carry. Without a run of every
 * phase that can be believed the comparison has a hole. What an overload misses is its purpose.
 */
export function exitCodeOfComparison({ entries }: Pick<Comparison, 'entries'>): number {
  const phases = entries.flatMap(({ plan, saturation }) => [plan, saturation])
  if (phases.some((phase) => (phase?.counts.findings ?? 0) > 0)) return ExitCode.INTEGRITY_VIOLATED
  if (entries.some(({ plan }) => plan?.verdict.value === 'FAIL')) return ExitCode.OBJECTIVE_MISSED
  const validities = phases.map((phase) => phase?.validity.value)
  if (validities.includes('GENERATOR_BOUND')) return ExitCode.GENERATOR_BOUND
  const isWhole = entries.length > 0 && validities.every((value) => value === 'VALID')
  // What nobody could judge, and a design of which no capacity is known, are holes too.
  const isKnown = entries.every(
    ({ plan, capacity }) => plan?.verdict.value === 'PASS' && capacity !== null,
  )
  return isWhole && isKnown ? ExitCode.PASS : ExitCode.INCONCLUSIVE
}

/** What a command ends with that has thrown. */
export function exitCodeOfError(error: unknown): number {
  return error instanceof BallotstormError ? error.exitCode : ExitCode.UNEXPECTED
}
