import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, test } from 'vitest'

import { OVERTIME_MS } from '../../scenarios/load/feeder/Config.ts'
import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'
import { expectPass, isTaken } from '../helpers/taken.ts'
import { storm } from './calls.ts'
import { expected, seen, untold } from './verdictTable.ts'

/** A storm whose first answer is there, and the one process of it with these words. */
async function answered(load: readonly string[], ...words: string[]) {
  const cli = storm('run', 'smoke', ...load, '--voters', '2000')
  await Cli.said(cli, 'polls opened on the chain (')
  const [pid] = Cli.pidsOf(...words, cli.outFolder)
  if (pid === undefined) throw new Error(`${words.join()} does not run`)
  const [first] = await Cli.attempts(cli)
  return { cli, pid, firstAtMs: first?.intendedAtMs ?? 0 }
}

describe.concurrent('run smoke', { timeout: 240_000 }, () => {
  test('behavior: a share of the ballots is signed ahead and fired; another run refuses it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-spool-'))
    try {
      const spool = join(folder, 'share.bin')
      const share = ['--seed', '5', '--segment', '2/4']
      const presigned = await storm('presign', 'smoke', ...share, '--out', spool).end
      expect(presigned.exitCode).toBe(ExitCode.PASS)
      const cli = storm('run', 'smoke', ...share, '--spool', spool)
      const foreign = storm('run', 'smoke', '--seed', '5', '--spool', spool)
      const end = await cli.end
      expectPass(cli.record(), end)
      expect(cli.record().counts).toMatchObject({ planned: 50, final: 50 })
      expect(cli.record().load.description).toMatch(/^share 2 of 4 of /)
      const other = await foreign.end
      expect(other.exitCode).toBe(ExitCode.BAD_CONFIGURATION)
      expect(other.stderr).toContain('segment is {"index":2,"of":4}')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('behavior: an API that stands still for 3 s shows in the latencies of an open model', async () => {
    const load = ['--rate', '50', '--duration', '10s']
    const { cli, pid } = await answered(load, 'chain/api/main.ts')
    await sleep(1000)
    process.kill(pid, 'SIGSTOP')
    await sleep(3000)
    process.kill(pid, 'SIGCONT')
    const { exitCode } = await cli.end
    const run = cli.record()
    expect(run.latencyMs.ack.p99).toBeGreaterThan(2000)
    // On a machine that is taken by others some of them gave up.
    expect(isTaken(run) || run.counts.acknowledged === run.counts.planned).toBe(true)
    const attempts = readFileSync(
      join(Cli.runFolder(cli.outFolder), 'history/attempts.log'),
      'utf8',
    )
    const latenciesMs = attempts
      .split('\n')
      .filter((line) => line.startsWith('A '))
      .map((line) => line.split(' ').slice(3, 6).map(Number))
      .map(([intendedAtMs = 0, , doneAtMs = 0]) => doneAtMs - intendedAtMs)
    // 150 ballots were due while the API stood still, 15 of them the probe's; each waited for what was
    // left of the 3 s, two thirds of them for more than one.
    const affected = latenciesMs.filter((latencyMs) => latencyMs > 1000).length
    expect(affected).toBeGreaterThan(70)
    // k6 read late what the API answered late, and the probe beside it says so.
    expect(run.criteria.probeAnswerMsP99.met).toBe(false)
    // A machine that is taken by others makes a miss INCONCLUSIVE; it is never laid at k6's door.
    const row = expected('run', 'the API stands still for 3 s')
    const wanted = isTaken(run) ? untold(row) : row
    expect(seen(row, run, exitCode), run.validity.reasons.join()).toEqual(wanted)
  })

  test('behavior: a k6 that is stopped four times for 1.5 s reads late what was answered in time', async () => {
    const { cli, pid } = await answered(['--rate', '100', '--duration', '10s'], 'k6', 'storm.ts')
    for (let stop = 0; stop < 4; stop += 1) {
      process.kill(pid, 'SIGSTOP')
      await sleep(1500)
      process.kill(pid, 'SIGCONT')
      await sleep(600)
    }
    const { exitCode } = await cli.end
    const run = cli.record()
    expect(run.counts.planned).toBe(1000)
    // Taken by others, the probe may be as slow as k6, and nobody can tell.
    const isQuick = run.counts.unsent === 0 && run.criteria.probeAnswerMsP99.met === true
    expect(isTaken(run) || isQuick).toBe(true)
    const row = expected('run', 'k6 is stopped four times for 1.5 s of 10')
    const isUntold = isTaken(run) && run.validity.value === 'INCONCLUSIVE'
    const wanted = isUntold ? untold(row) : row
    expect(seen(row, run, exitCode), run.validity.reasons.join()).toEqual(wanted)
  })

  test('behavior: a starved k6 makes the run GENERATOR_BOUND', async () => {
    const load = ['--rate', '100', '--duration', '5s']
    const { cli, pid, firstAtMs } = await answered(load, 'k6', 'storm.ts')
    process.kill(pid, 'SIGSTOP')
    // Past the storm and the feeder's overtime what has not left by now stays unsent: by far more
    // than 0.1 % of the ballots.
    const endMs = firstAtMs + 5000 + OVERTIME_MS
    while (Date.now() <= endMs) await sleep(100)
    expect((await Cli.attempts(cli)).length).toBeLessThan(499)
    process.kill(pid, 'SIGCONT')
    const { exitCode, stderr } = await cli.end
    const row = expected('run', 'k6 is stopped until most ballots are late')
    expect(seen(row, cli.record(), exitCode), stderr).toEqual(row)
    expect(cli.record().counts.unsent).toBeGreaterThan(0)
  })

  test('behavior: a dead API is no pass', async () => {
    const cli = storm('run', 'smoke', '--duration', '3s')
    await Cli.said(cli, 'polls opened on the chain (')
    for (const pid of Cli.pidsOf('chain/api/main.ts', cli.outFolder)) process.kill(pid, 'SIGKILL')
    const { exitCode } = await cli.end
    const run = cli.record()
    expect(run.counts.acknowledged).toBe(0)
    const row = expected('run', 'the API is killed')
    expect(seen(row, run, exitCode)).toEqual(row)
  })
})
