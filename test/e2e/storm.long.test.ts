import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'
import { storm } from './calls.ts'

/** Plan and spool of a run; before its polls are open it would leave nothing. */
async function signed(seed: string): Promise<Buffer> {
  const cli = storm('run', 'smoke', '--seed', seed, '--duration', '1s')
  await Cli.said(cli, 'polls opened on the chain (')
  cli.child.kill('SIGINT')
  await cli.end
  const folder = join(Cli.runFolder(cli.outFolder), 'plan')
  const files = ['plan.json', 'spool.bin', 'instants.bin']
  return Buffer.concat(files.map((file) => readFileSync(join(folder, file))))
}

describe.concurrent('run smoke', { timeout: 240_000 }, () => {
  test('behavior: the same seed gives the same plan and spool, byte for byte', async () => {
    const [one, again, other] = await Promise.all([signed('7'), signed('7'), signed('8')])
    expect(again?.equals(one ?? Buffer.alloc(0))).toBe(true)
    expect(other?.equals(one ?? Buffer.alloc(0))).toBe(false)
  })

  test('behavior: a plan of no ballots is no pass', async () => {
    const cli = storm('run', 'smoke', '--rate', '0', '--duration', '1s')
    const { exitCode } = await cli.end
    expect(cli.record().verdict.value).toBe('INCONCLUSIVE')
    expect(exitCode).toBe(ExitCode.INCONCLUSIVE)
  })
})
