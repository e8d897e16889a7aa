import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, describe, expect, test } from 'vitest'

import { designs } from '../../chain/designs/designs.ts'
import { OVERTIME_MS } from '../../scenarios/load/feeder/Config.ts'
import { cacheFolder } from '../../scripts/cacheFolder.ts'
import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'

const calls: Cli.Cli[] = []

function storm(...words: string[]): Cli.Cli {
  const cli = Cli.start(words)
  calls.push(cli)
  return cli
}

afterEach(async () => {
  for (const cli of calls.splice(0)) {
    await cli.dispose()
    expect(Cli.pidsOf(cli.outFolder), 'processes that outlive their run').toEqual([])
  }
})

const BREACHES = ['lost', 'duplicated', 'altered', 'unexpected', 'finalityBroken'] as const

/** A storm of 100 ballots a second whose first answer is there. */
async function answered(durationS: number) {
  const load = ['--rate', '100', '--duration', `${durationS}s`, '--voters', '2000']
  const cli = storm('run', 'smoke', ...load)
  await Cli.said(cli, 'polls opened on the chain (')
  const [pid] = Cli.pidsOf('k6', 'storm.ts', cli.outFolder)
  if (pid === undefined) throw new Error('k6 does not run')
  const [first] = await Cli.attempts(cli)
  return { cli, pid, firstAtMs: first?.intendedAtMs ?? 0 }
}

describe('run smoke', { timeout: 240_000 }, () => {
  test.each(designs.map(({ name }) => name))('default: %s', async (design) => {
    const cli = storm('run', 'smoke', '--design', design, '--json')
    const { exitCode, stdout, stderr } = await cli.end
    expect(exitCode, stderr).toBe(ExitCode.PASS)
    const run = cli.record()
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(run)))
    expect(run.validity.value).toBe('VALID')
    expect(run.verdict.value).toBe('PASS')
    expect(run.counts.planned).toBe(200)
    expect(run.counts.final).toBe(200)
    expect(BREACHES.map((kind) => run.counts[kind])).toEqual([0, 0, 0, 0, 0])
    const [poll] = run.polls
    expect(poll?.tally).toEqual(poll?.recount)
    expect(poll?.recount.reduce((sum, votes) => sum + votes, 0)).toBe(200)
    const html = readFileSync(join(Cli.runFolder(cli.outFolder), 'report.html'), 'utf8')
    expect(html).toContain('<svg')
  })

  test('behavior: it leaves nothing in HOME but its cache', async () => {
    const home = mkdtempSync(join(tmpdir(), 'ballotstorm-home-'))
    try {
      // The tools come from the cache that is there: they are not built for this.
      const cli = Cli.start(['run', 'smoke', '--duration', '3s'], {
        HOME: home,
        BALLOTSTORM_CACHE: cacheFolder(),
      })
      calls.push(cli)
      const { exitCode, stderr } = await cli.end
      expect(exitCode, stderr).toBe(ExitCode.PASS)
      expect(readdirSync(home).filter((name) => name !== '.cache')).toEqual([])
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })

  test('behavior: the same seed gives the same plan and spool, byte for byte', async () => {
    const spools: Buffer[] = []
    for (const seed of ['7', '7']) {
      const cli = storm('run', 'smoke', '--seed', seed, '--duration', '1s')
      await cli.end
      const folder = join(Cli.runFolder(cli.outFolder), 'plan')
      const files = ['plan.json', 'spool.bin', 'instants.bin']
      spools.push(Buffer.concat(files.map((file) => readFileSync(join(folder, file)))))
      await cli.dispose()
    }
    expect(spools[1]?.equals(spools[0] ?? Buffer.alloc(0))).toBe(true)
  })

  test('behavior: a share of the ballots is signed ahead and fired; another run refuses it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-spool-'))
    try {
      const spool = join(folder, 'share.bin')
      const share = ['--seed', '5', '--segment', '2/4']
      const { exitCode: signed } = await storm('presign', 'smoke', ...share, '--out', spool).end
      expect(signed).toBe(ExitCode.PASS)
      const cli = storm('run', 'smoke', ...share, '--spool', spool)
      const { exitCode, stderr } = await cli.end
      expect(exitCode, stderr).toBe(ExitCode.PASS)
      expect(cli.record().counts).toMatchObject({ planned: 50, final: 50 })
      expect(cli.record().load.description).toMatch(/^share 2 of 4 of /)
      const other = await storm('run', 'smoke', '--seed', '5', '--spool', spool).end
      expect(other.exitCode).toBe(ExitCode.BAD_CONFIGURATION)
      expect(other.stderr).toContain('segment is {"index":2,"of":4}')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('behavior: an API that stands still for 3 s shows in the latencies of an open model', async () => {
    const cli = storm('run', 'smoke', '--rate', '50', '--duration', '30s', '--voters', '2000')
    await Cli.said(cli, 'polls opened on the chain (')
    await sleep(12_000)
    const [pid] = Cli.pidsOf('chain/api/main.ts', cli.outFolder)
    if (pid === undefined) throw new Error('the API does not run')
    process.kill(pid, 'SIGSTOP')
    await sleep(3000)
    process.kill(pid, 'SIGCONT')
    await cli.end
    const run = cli.record()
    expect(run.latencyMs.ack.p99).toBeGreaterThan(2000)
    expect(run.counts.acknowledged).toBe(run.counts.planned)
    const attempts = readFileSync(
      join(Cli.runFolder(cli.outFolder), 'history/attempts.log'),
      'utf8',
    )
    const latenciesMs = attempts
      .split('\n')
      .filter((line) => line.startsWith('A '))
      .map((line) => line.split(' ').slice(3, 6).map(Number))
      .map(([intendedAtMs = 0, , doneAtMs = 0]) => doneAtMs - intendedAtMs)
    // 150 ballots were due while the API stood still; each waited for what was left of the 3 s.
    const affected = latenciesMs.filter((latencyMs) => latencyMs > 100).length
    expect(affected).toBeGreaterThan(110)
    expect(affected).toBeLessThan(200)
  })

  test('behavior: a starved k6 makes the run GENERATOR_BOUND', async () => {
    const { cli, pid, firstAtMs } = await answered(5)
    process.kill(pid, 'SIGSTOP')
    // Past the storm and the feeder's overtime what has not left by now stays unsent: by far more
    // than 0.1 % of the ballots.
    const endMs = firstAtMs + 5000 + OVERTIME_MS
    while (Date.now() <= endMs) await sleep(100)
    expect((await Cli.attempts(cli)).length).toBeLessThan(499)
    process.kill(pid, 'SIGCONT')
    const { exitCode, stderr } = await cli.end
    expect(cli.record().validity.value, stderr).toBe('GENERATOR_BOUND')
    expect(cli.record().counts.unsent).toBeGreaterThan(0)
    expect(exitCode).toBe(ExitCode.GENERATOR_BOUND)
  })

  test('behavior: a dead API is no pass', async () => {
    const cli = storm('run', 'smoke', '--duration', '3s')
    await Cli.said(cli, 'polls opened on the chain (')
    for (const pid of Cli.pidsOf('chain/api/main.ts', cli.outFolder)) process.kill(pid, 'SIGKILL')
    const { exitCode } = await cli.end
    const run = cli.record()
    expect(run.counts.acknowledged).toBe(0)
    expect(run.verdict.value).not.toBe('PASS')
    expect(exitCode).not.toBe(ExitCode.PASS)
  })

  test('behavior: a plan of no ballots is no pass', async () => {
    const cli = storm('run', 'smoke', '--rate', '0', '--duration', '1s')
    const { exitCode } = await cli.end
    expect(cli.record().verdict.value).toBe('INCONCLUSIVE')
    expect(exitCode).toBe(ExitCode.INCONCLUSIVE)
  })
})

describe('Ctrl-C', { timeout: 240_000 }, () => {
  test('behavior: in the storm it keeps the partial run, marked', async () => {
    const cli = storm('run', 'smoke', '--duration', '60s', '--voters', '5000')
    await Cli.said(cli, 'polls opened on the chain (')
    await sleep(9000)
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
    const cli = storm('run', 'smoke')
    await Cli.said(cli, 'polls opened on the chain (')
    cli.child.kill('SIGKILL')
    await cli.end
    for (let waitedMs = 0; waitedMs < 20_000; waitedMs += 100) {
      if (Cli.pidsOf(cli.outFolder).length === 0) break
      await sleep(100)
    }
    expect(Cli.pidsOf(cli.outFolder)).toEqual([])
  })
})

describe('mistakes', () => {
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
