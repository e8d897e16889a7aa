import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, describe, expect, test } from 'vitest'

import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'

const clis: Cli.Cli[] = []
afterEach(async () => {
  await Promise.all(clis.splice(0).map((cli) => cli.dispose()))
})

function start(...words: string[]): Cli.Cli {
  const cli = Cli.start(words)
  clis.push(cli)
  return cli
}

describe('what a command ends with', { timeout: 120_000 }, () => {
  test('default: the message and the remedy, once, and the exit code of the error', async () => {
    const { exitCode, stderr } = await start('population', 'nowhere').end
    expect(exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    expect(stderr).toMatch(/^There is no city nowhere; there are .*\. Name one of them, or .*\.\n$/)
  })
})

describe('Ctrl-C', { timeout: 120_000 }, () => {
  // The quorum is waited for up to a minute: who has been interrupted must not wait for it.
  test('behavior: what an interrupted run was waiting for holds nobody up', async () => {
    const cli = start('run', 'smoke', '--network', 'qbft', '--validators', '2')
    await Cli.said(cli, '✓ contracts (')
    await sleep(1000)
    cli.child.kill('SIGINT')
    const end = await Promise.race([cli.end, sleep(20_000, undefined, { ref: false })])
    expect(end?.exitCode).toBe(ExitCode.INTERRUPTED)
    expect(Cli.pidsOf(cli.outFolder)).toEqual([])
  })
})
