import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, test } from 'vitest'

import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'
import { until } from '../helpers/systemChild.ts'
import { storm } from './calls.ts'

describe.concurrent('Ctrl-C', { timeout: 240_000 }, () => {
  test('behavior: in the storm it keeps the partial run, marked', async () => {
    const cli = storm('run', 'smoke', '--duration', '60s', '--voters', '5000')
    await Cli.said(cli, 'polls opened on the chain (')
    await Cli.attempts(cli)
    cli.child.kill('SIGINT')
    const { exitCode } = await cli.end
    expect(exitCode).toBe(ExitCode.INTERRUPTED)
    const run = cli.record()
    expect(run.interrupted).toBe(true)
    expect(run.verdict.value).not.toBe('PASS')
    expect(run.counts.attempted).toBeGreaterThan(0)
    expect(run.counts.unsent).toBeGreaterThan(0)
  })

  test.each([200, 1500, 3000, 6000])(
    'behavior: %i ms after the start it leaves no process',
    async (ms) => {
      const cli = storm('run', 'smoke')
      await sleep(ms)
      cli.child.kill('SIGINT')
      const { exitCode } = await cli.end
      // Before the handler stands, the signal itself ends the process.
      expect([ExitCode.INTERRUPTED, null]).toContain(exitCode)
    },
  )

  test('behavior: killed outright, the watchdog ends what the run had started', async () => {
    const cli = Cli.start(['run', 'smoke'])
    await Cli.said(cli, 'polls opened on the chain (')
    cli.child.kill('SIGKILL')
    await cli.end
    const isGone = (): boolean => Cli.pidsOf(cli.outFolder).length === 0
    await expect(until('all is gone', isGone, 20_000)).resolves.toBeUndefined()
    await cli.dispose()
  })
})

describe.concurrent('mistakes', () => {
  test.each([
    [['run', 'smoke', '--rate', '-3'], '--rate'],
    [['run', 'smoke', '--voters', 'many', '--duration', '5 parsecs'], '--duration'],
    [['run', 'smoke', '--voters', '10', '--rate', '100'], '--voters'],
    [['run', 'nothing'], 'nothing'],
    [['run', 'smoke', '--network', 'external'], '--rpc'],
    [['run', 'smoke', '--block-time', '50ms'], '--block-time'],
    [['run', 'peak-2017', '--block-time', '1500ms'], '--block-time'],
    [['run', 'smoke', '--validators', '3'], '--validators has no effect'],
    [['run', 'smoke', '--spool', 'package.json'], '--spool'],
    [['compare-designs', '--designs', 'legcy', '--overload', 'abc'], '"legcy" is unknown'],
    [['compare-designs', '--designs', 'legcy', '--overload', 'abc'], '--overload: "abc"'],
    [['report', '/nowhere'], '/nowhere'],
    [['fly'], 'fly'],
  ])('error: %j is explained, without a stack, and leaves nothing', async (words, mention) => {
    const cli = storm(...words)
    const { exitCode, stderr } = await cli.end
    expect(readdirSync(cli.outFolder)).toEqual([])
    expect(exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    expect(stderr).toContain(mention)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test.each([['run'], ['network'], ['doctor'], ['report']])(
    'behavior: %s has help',
    async (command) => {
      const { exitCode, stdout } = await storm(command, '--help').end
      expect(exitCode).toBe(0)
      expect(stdout).toContain('Usage:')
    },
  )
})
