import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

import { Type } from 'typebox'
import { Value } from 'typebox/value'

import { explanationOf } from '../scenarios/runtime/BallotstormError.ts'
import { cacheFolder } from './cacheFolder.ts'
import * as Chromium from './Chromium.ts'
import * as Contracts from './contracts.ts'
import * as Bundles from './packages/Bundles.ts'
import * as Progress from './Progress.ts'
import { runNode } from './runNode.ts'
import * as Tools from './Tools.ts'

/**
 * `npm test`: all the set-up, then every check and test, then one line with the counts. Words after
 * `--` go to vitest, for example a path; then only the tests run.
 */
async function main(words: readonly string[]): Promise<number> {
  await setUp()
  const counts = { passed: 0, failed: 0 }
  const add = (outcome: { passed: number; failed: number }): void => {
    counts.passed += outcome.passed
    counts.failed += outcome.failed
  }
  if (words.length > 0) {
    add(await countTests([VITEST, 'run', ...words]))
  } else {
    for (const check of CHECKS) add(await runCheck(check))
    add(await countTests(['test/contracts/coverage.ts']))
    // With their coverage the tests of the contracts have run just now.
    add(await countTests([VITEST, 'run', '--project=short', '--exclude=test/contracts/**']))
  }
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed\n`)
  return counts.failed === 0 ? 0 : 1
}

const VITEST = 'node_modules/vitest/vitest.mjs'

/** What is checked, and what does it; good where that ends with 0. */
type Check = readonly [name: string, run: () => Promise<number | null>]

const CHECKS: readonly Check[] = [
  ['lint, types, format, dead code', checkCode],
  ['gas against the committed report', () => runNode(['test/contracts/gas.ts'])],
]

async function checkCode(): Promise<number | null> {
  const child = spawn('npm', ['run', '--silent', 'check'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code]: (number | null)[] = await once(child, 'exit')
  return code ?? null
}

async function runCheck([name, run]: Check): Promise<{ passed: number; failed: number }> {
  const isGood = (await run()) === 0
  process.stderr.write(`${isGood ? 'passed' : 'FAILED'}: ${name}\n`)
  return isGood ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** Builds or finds what the tests need, with progress; a missing part is said once, here. */
async function setUp(): Promise<void> {
  const progress = Progress.create(process.stderr, () => performance.now())
  progress.step('contracts')
  await Contracts.compile()
  for (const name of Tools.NAMES) {
    progress.step(name)
    await Tools.resolve(name).catch((error: unknown) => {
      progress.note(`The tests that need ${name} will fail: ${explanationOf(error)}`)
    })
  }
  progress.step('Chromium')
  const chromium = Chromium.ensure(process.env)
  progress.done()
  if (chromium === undefined) progress.note(`The tests of the report will fail. ${Chromium.REMEDY}`)
}

const ResultsSchema = Type.Object({
  numPassedTests: Type.Integer(),
  numFailedTests: Type.Integer(),
  testResults: Type.Array(
    Type.Object({ name: Type.String(), startTime: Type.Number(), endTime: Type.Number() }),
  ),
})

const SLOWEST = 10

/** The files that took longest, so that a slow test is seen when it comes. */
function tellSlowest(files: readonly { name: string; startTime: number; endTime: number }[]): void {
  const took = files.map(({ name, startTime, endTime }) => ({ name, ms: endTime - startTime }))
  process.stderr.write('\nThe slowest files:\n')
  for (const { name, ms } of took.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST)) {
    process.stderr.write(`${(ms / 1000).toFixed(1).padStart(7)} s  ${relative('.', name)}\n`)
  }
}

/** Runs a program that hands its words to vitest, and counts the tests. */
async function countTests(args: readonly string[]): Promise<{ passed: number; failed: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-test-'))
  const file = join(folder, 'results.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const exitCode = await runNode([...args, ...reporters], {
      // vitest keeps notes on what it saw; in the user's home there is nothing of ours but the cache.
      XDG_DATA_HOME: process.env['XDG_DATA_HOME'] ?? join(cacheFolder(), 'share'),
      ...(await Bundles.environment()),
    })
    const results: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (!Value.Check(ResultsSchema, results)) throw new Error(`${file} holds no results of vitest.`)
    tellSlowest(results.testResults)
    // A file that fails to load, or a line without coverage, has no failed test; it has failed.
    const failed = results.numFailedTests === 0 && exitCode !== 0 ? 1 : results.numFailedTests
    return { passed: results.numPassedTests, failed }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = await main(process.argv.slice(2))
