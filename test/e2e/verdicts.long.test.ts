import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, test } from 'vitest'

import * as Comparison from '../../metrics/Comparison.ts'
import * as Cli from '../helpers/Cli.ts'
import { own } from '../helpers/own.ts'
import { storm } from './calls.ts'
import { expected, seen } from './verdictTable.ts'

const TIMEOUT_MS = 300_000

/** One design on one node, short phases. */
function compare(): Cli.Cli {
  const load = ['--voters', '2000', '--rate', '50', '--duration', '8s', '--overload', '3s']
  return storm('compare-designs', '--designs', 'relayed', '--networks', 'anvil', ...load)
}

/** The comparison that it left; the plan of its one entry. */
function planOf(cli: Cli.Cli): Comparison.Phase {
  const [name = ''] = readdirSync(cli.outFolder)
  const { entries } = Comparison.read(join(cli.outFolder, name, 'comparison.json'))
  const plan = entries[0]?.plan
  if (plan === undefined || plan === null) throw new Error('no plan')
  return plan
}

describe('compare-designs', { timeout: TIMEOUT_MS }, () => {
  test('behavior: k6 is stopped in every phase', async () => {
    const cli = compare()
    const stopping = new AbortController()
    const starving = starve(cli, stopping.signal)
    const { exitCode, stderr } = await cli.end
    stopping.abort()
    await starving
    const row = expected('compare-designs', 'k6 is stopped until most ballots are late')
    expect(seen(row, planOf(cli), exitCode), stderr).toEqual(row)
  })

  test('behavior: the API is killed under the plan', async () => {
    const cli = compare()
    await Cli.said(cli, 'polls opened on the chain (')
    for (const pid of Cli.pidsOf('chain/api/main.ts', cli.outFolder)) process.kill(pid, 'SIGKILL')
    const { exitCode, stderr } = await cli.end
    const row = expected('compare-designs', 'the API is killed')
    expect(seen(row, planOf(cli), exitCode), stderr).toEqual(row)
  })
})

describe('bench', { timeout: TIMEOUT_MS }, () => {
  test('behavior: the API is killed', async () => {
    const words = ['scripts/bench.ts', '--only', 'api-alone', '--json']
    const child = own(spawn(process.execPath, words, { detached: true }))
    let stdout = ''
    child.stdout.on('data', (data) => (stdout += String(data)))
    const ended = once(child, 'close')
    const [api] = await found('chain/api/main.ts', 'ballotstorm-bench-')
    process.kill(api ?? 0, 'SIGKILL')
    const [exitCode]: (number | null)[] = await ended
    const row = expected('bench', 'the API is killed')
    expect({ ...row, exitCode }).toEqual(row)
    // No figure, where there was nothing to measure.
    expect(stdout).toBe('')
  })
})

/** Stops each k6 of a call as it comes, for longer than its ballots are fired. */
async function starve(cli: Cli.Cli, signal: AbortSignal): Promise<void> {
  const stopped = new Set<number>()
  while (!signal.aborted) {
    for (const pid of Cli.pidsOf('k6', 'storm.ts', cli.outFolder)) {
      if (stopped.has(pid)) continue
      stopped.add(pid)
      process.kill(pid, 'SIGSTOP')
      void sleep(STOP_MS).then(() => resume(pid))
    }
    await sleep(100)
  }
}

/** The start of the storm, its length, and the feeder's overtime. */
const STOP_MS = 35_000

function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // It was ended meanwhile.
  }
}

async function found(...words: string[]): Promise<number[]> {
  for (;;) {
    const pids = Cli.pidsOf(...words)
    if (pids.length > 0) return pids
    await sleep(100)
  }
}
