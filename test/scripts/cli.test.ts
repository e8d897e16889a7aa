import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, describe, expect, test } from 'vitest'

import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'

const clis: Cli.Cli[] = []
afterEach(async () => {
  await Promise.all(clis.splice(0).map((cli) => cli.dispose()))
})

function start(words: string[], environment?: NodeJS.ProcessEnv): Cli.Cli {
  const cli = Cli.start(words, environment)
  clis.push(cli)
  return cli
}

describe('what a command ends with', { timeout: 120_000 }, () => {
  test('default: the message and the remedy, once, and the exit code of the error', async () => {
    const { exitCode, stderr } = await start(['population', 'nowhere']).end
    expect(exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    expect(stderr).toMatch(/^There is no city nowhere; there are .*\. Name one of them, or .*\.\n$/)
  })

  test('error: a process in the background that dies is told by its own error', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-cli-'))
    const binary = join(folder, 'geth')
    // Knows its version, and nothing else.
    writeFileSync(binary, `#!/bin/sh\n[ "$1" = version ] && echo 'Quorum Version: 22.7.4'\n`)
    chmodSync(binary, 0o755)
    const environment = { BALLOTSTORM_CACHE: folder, BALLOTSTORM_GOQUORUM: binary }
    const { exitCode, stderr } = await start(['network', 'up'], environment).end
    rmSync(folder, { recursive: true })
    expect(stderr).toMatch(/^network ended: .* could not initialise validator\. It said:\n/)
    expect(stderr).toMatch(/\nCheck that the binary is the right version, and .*\.\n$/)
    expect(exitCode).toBe(ExitCode.SCENARIO_THREW)
  })
})

describe('Ctrl-C', { timeout: 120_000 }, () => {
  // The quorum is waited for up to a minute: who has been interrupted must not wait for it.
  test('behavior: what an interrupted run was waiting for holds nobody up', async () => {
    const cli = start(['run', 'smoke', '--network', 'qbft', '--validators', '2'])
    await Cli.said(cli, '✓ contracts (')
    await sleep(1000)
    cli.child.kill('SIGINT')
    const end = await Promise.race([cli.end, sleep(20_000, undefined, { ref: false })])
    expect(end?.exitCode).toBe(ExitCode.INTERRUPTED)
    expect(Cli.pidsOf(cli.outFolder)).toEqual([])
  })
})
