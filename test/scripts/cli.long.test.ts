import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'

test('error: what breaks once ballots fly is never told as a bad configuration', async () => {
  const cli = Cli.start(['run', 'smoke', '--network', 'anvil', '--duration', '2s'])
  try {
    await Cli.said(cli, '✓ storm (')
    const folder = Cli.runFolder(cli.outFolder)
    writeFileSync(join(folder, 'plan/plan.json'), '{')
    const { exitCode, stderr } = await cli.end
    expect(stderr).toMatch(/The plan .* cannot be used: .* Make the plan anew\.\nThe run broke off/)
    expect(exitCode).toBe(ExitCode.SCENARIO_THREW)
    expect(existsSync(join(folder, 'history/attempts.log'))).toBe(true)
  } finally {
    await cli.dispose()
  }
}, 120_000)
