import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as Report from './mutants/Report.ts'
import { runNode } from './runNode.ts'

/**
 * `npm run mutants`: changes what judges in thousands of small ways, and looks whether a test finds each.
 * Only what changed since the last run is tried again. Words after `--` are files or folders; then
 * only those are tried, and the list of survivors stays as it is.
 */
async function main(words: readonly string[]): Promise<number> {
  const only = words.map((word) => (word.endsWith('.ts') ? word : join(word, '**/*.ts')))
  const mutate = only.length === 0 ? [] : ['--mutate', only.join(',')]
  const exitCode = await runNode([STRYKER, 'run', ...mutate])
  if (exitCode !== 0) return exitCode ?? 1
  const report = Report.read(readFileSync(REPORT, 'utf8'))
  if (only.length === 0) writeFileSync(SURVIVORS, Report.survivors(report))
  const scores = Report.scores(report)
  for (const score of scores) process.stdout.write(`${tell(score)}\n`)
  return scores.every((score) => Report.shareOf(score) >= SHARE_MIN) ? 0 : 1
}

const STRYKER = 'node_modules/@stryker-mutator/core/bin/stryker.js'
const REPORT = 'out/mutants.json'
const SURVIVORS = 'test/mutants/survivors.md'

/** Of a room's mutants, so many must be found. */
const SHARE_MIN = 0.9

function tell(score: Report.Score): string {
  const { room, killed, survived } = score
  const share = `${(Report.shareOf(score) * 100).toFixed(1)} %`
  return `${share.padStart(7)}  ${room} (${killed} of ${killed + survived})`
}

process.exitCode = await main(process.argv.slice(2))
