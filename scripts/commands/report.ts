import { existsSync } from 'node:fs'
import { join } from 'node:path'

import * as Comparison from '../../metrics/Comparison.ts'
import * as Run from '../../metrics/Run.ts'
import { comparisonSummary } from '../../reports/comparison/comparisonSummary.ts'
import { writeComparison } from '../../reports/comparison/writeComparison.ts'
import { summary } from '../../reports/summary.ts'
import { writeOutputs } from '../../reports/outputs.ts'
import { exitCodeOf, exitCodeOfComparison } from '../exitCodeOf.ts'
import { paint } from '../Progress.ts'
import { UsageError } from '../UsageError.ts'

/**
 * Makes the report of a run, or of a comparison, anew from its folder.
 *
 * @returns the exit code of the run itself, so that a job may judge it again.
 * @throws {UsageError} where the folder holds no record.
 * @throws {Run.InvalidError} {Comparison.InvalidError} where the record is damaged.
 */
export function report(folder: string, options: { json: boolean }): number {
  const comparisonFile = join(folder, 'comparison.json')
  if (existsSync(comparisonFile)) return reportComparison(folder, comparisonFile, options)
  const recordFile = join(folder, 'run.json')
  if (!existsSync(recordFile)) {
    throw new UsageError([
      `There is neither run.json nor comparison.json in "${folder}"; name the folder that a run printed.`,
    ])
  }
  const run = Run.read(recordFile)
  writeOutputs(run, folder)
  tell(run, join(folder, 'report.html'), options)
  return exitCodeOf(run)
}

function reportComparison(folder: string, file: string, { json }: { json: boolean }): number {
  const comparison = Comparison.read(file)
  const page = join(folder, 'comparison.html')
  writeComparison(comparison, page)
  if (json) process.stdout.write(`${JSON.stringify(comparison)}\n`)
  else process.stdout.write(`${comparisonSummary(comparison)}\nReport: ${page}\n`)
  return exitCodeOfComparison(comparison)
}

/** Prints the outcome: the record for programs, or a summary that names the report. */
export function tell(run: Run.Run, reportFile: string, { json }: { json: boolean }): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(run)}\n`)
    return
  }
  process.stdout.write(`${summary(run, colour)}\nReport: ${reportFile}\n`)
}

function colour(name: Parameters<typeof paint>[0], text: string): string {
  return paint(name, text, process.stdout)
}
