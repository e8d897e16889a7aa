import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, describe, expect, test } from 'vitest'

import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'

const clis: Cli.Cli[] = []
afterEach(async () => {
  await Promise.all(clis.splice(0).map((cli) => cli.dispose()))
})

describe('Ctrl-C', { timeout: 120_000 }, () => {
  // The quorum is waited for up to a minute: who has been interrupted must not wait for it.
  test('behavior: what an interrupted run was waiting for holds nobody up', async () => {
    const cli = Cli.start(['run', 'smoke', '--network', 'qbft', '--validators', '2'])
    clis.push(cli)
    await Cli.said(cli, '✓ contracts (')
    await sleep(1000)
    cli.child.kill('SIGINT')
    const end = await Promise.race([cli.end, sleep(20_000, undefined, { ref: false })])
    expect(end?.exitCode).toBe(ExitCode.INTERRUPTED)
    expect(Cli.pidsOf(cli.outFolder)).toEqual([])
  })
})
