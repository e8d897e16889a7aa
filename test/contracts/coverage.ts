import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as Contracts from '../../scripts/contracts.ts'
import * as ExitCode from '../../scripts/ExitCode.ts'
import { runNode } from '../../scripts/runNode.ts'
import { TESTED } from './artifacts.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Hardhat's name for this run's coverage data; `test/contracts/Chain.ts` writes under it. */
const COVERAGE_ID = 'contracts'

/**
 * `node test/contracts/coverage.ts [words for vitest]`: runs the contract tests on instrumented contracts and prints which of their lines were executed.
 *
 * @param vitestArguments - passed on to vitest, e.g. `--reporter=json`.
 * @returns whether all tests passed and every line of `chain/contracts` was executed.
 */
async function testWithCoverage(vitestArguments: readonly string[]): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'ballotstorm-contracts-'))
  try {
    const hardhat = await Contracts.hardhat(folder, TESTED, { coverage: true })
    const hook = (name: 'onTestRunStart' | 'onTestRunDone'): Promise<void> =>
      hardhat.hooks.runHandlerChain('test', name, [COVERAGE_ID], async () => {})
    await hook('onTestRunStart')
    const artifacts = join(folder, 'artifacts.json')
    await writeFile(artifacts, JSON.stringify(await Contracts.build(hardhat, TESTED)))
    const isGood = await vitest(artifacts, vitestArguments)
    await hook('onTestRunDone')
    return isGood && (await isCovered())
  } finally {
    await rm(folder, { recursive: true })
  }
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
