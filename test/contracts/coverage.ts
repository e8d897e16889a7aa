import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { cacheFolder } from '../../scripts/cacheFolder.ts'
import * as Contracts from '../../scripts/contracts.ts'
import * as ExitCode from '../../scripts/ExitCode.ts'
import * as FileLock from '../../scripts/FileLock.ts'
import { runNode } from '../../scripts/runNode.ts'
import { TESTED } from './artifacts.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Hardhat's name for this run's coverage data; `test/contracts/Chain.ts` writes under it. */
const COVERAGE_ID = 'contracts'
/** Far above what another process needs to compile them. */
const LOCK_TIMEOUT_MS = 300_000

/**
 * `node test/contracts/coverage.ts [words for vitest]`: runs the contract tests on instrumented contracts and prints which of their lines were executed.
 *
 * @param vitestArguments - passed on to vitest, e.g. `--reporter=json`.
 * @returns whether all tests passed and every line of `chain/contracts` was executed.
 */
async function testWithCoverage(vitestArguments: readonly string[]): Promise<boolean> {
  const folder = await buildFolder()
  const hardhat = await Contracts.hardhat(folder, TESTED, { coverage: true })
  const hook = (name: 'onTestRunStart' | 'onTestRunDone'): Promise<void> =>
    hardhat.hooks.runHandlerChain('test', name, [COVERAGE_ID], async () => {})
  await hook('onTestRunStart')
  const artifacts = join(folder, 'artifacts.json')
  await FileLock.hold(`${folder}.lock`, { timeoutMs: LOCK_TIMEOUT_MS }, async () => {
    await writeFile(artifacts, JSON.stringify(await Contracts.build(hardhat, TESTED)))
  })
  const isGood = await vitest(artifacts, vitestArguments)
  await hook('onTestRunDone')
  return isGood && (await isCovered())
}

/**
 * Where Hardhat keeps what it compiles of these very sources: instrumented they take half a minute,
 * and it knows them again only where they lay.
 */
async function buildFolder(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(ROOT, 'package-lock.json')))
  hash.update(ROOT).update(await Contracts.artifactsFile(TESTED))
  const folder = join(cacheFolder(), 'contracts', `coverage-${hash.digest('hex').slice(0, 16)}`)
  await mkdir(folder, { recursive: true })
  return folder
}

async function vitest(artifacts: string, vitestArguments: readonly string[]): Promise<boolean> {
  const runner = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const words = [runner, 'run', '--root', ROOT, 'test/contracts', ...vitestArguments]
  return (await runNode(words, { BALLOTSTORM_CONTRACTS: artifacts })) === 0
}

async function isCovered(): Promise<boolean> {
  const lcov = await readFile(join(ROOT, 'coverage/lcov.info'), 'utf8')
  return /^DA:/m.test(lcov) && !/^DA:\d+,0$/m.test(lcov)
}

if (!(await testWithCoverage(process.argv.slice(2)))) process.exitCode = ExitCode.OBJECTIVE_MISSED
