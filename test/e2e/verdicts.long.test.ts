import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, test } from 'vitest'

import * as Comparison from '../../metrics/Comparison.ts'
import { OVERTIME_MS } from '../../scenarios/load/feeder/Config.ts'
import * as Cli from '../helpers/Cli.ts'
import { own } from '../helpers/own.ts'
import { keep } from './calls.ts'
import { expected, seen } from './verdictTable.ts'

const TIMEOUT_MS = 300_000

/** One design on one node, short phases. */
function compare(environment: NodeJS.ProcessEnv = {}): Cli.Cli {
  const load = ['--voters', '2000', '--rate', '50', '--duration', '8s', '--overload', '3s']
  const words = ['compare-designs', '--designs', 'relayed', '--networks', 'anvil', ...load]
  return keep(Cli.start(words, environment))
}

/** Has every process of a command run one file of the project in place of another. */
function substituting(honest: string, liar: string): NodeJS.ProcessEnv {
  const hook = new URL('../helpers/substitute.mjs', import.meta.url)
  hook.searchParams.set(honest, liar)
  return { NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import ${hook.href}` }
}

const LYING_API = substituting('chain/api/main.ts', 'test/helpers/lyingApi.ts')
const LYING_NODE = substituting('chain/networks/anvil.ts', 'test/helpers/lyingAnvil.ts')

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
    const plan = planOf(cli)
    expect(seen(row, plan, exitCode), `${plan.validity.reasons.join()}\n${stderr}`).toEqual(row)
  })

  test.each([
    ['the API loses, doubles and alters ballots', LYING_API],
    ['one of two nodes hides events', LYING_NODE],
  ] as const)('behavior: %s', async (evil, environment) => {
    const cli = compare(environment)
    const { exitCode, stderr } = await cli.end
    const row = expected('compare-designs', evil)
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
    const ended = bench()
    const [api] = await found('chain/api/main.ts', 'ballotstorm-bench-')
    process.kill(api ?? 0, 'SIGKILL')
    const row = expected('bench', 'the API is killed')
    // No figure, where there was nothing to measure.
    expect(await ended).toEqual({ exitCode: row.exitCode, stdout: '' })
  })

  test('behavior: the API loses, doubles and alters ballots', async () => {
    const row = expected('bench', 'the API loses, doubles and alters ballots')
    expect(await bench(LYING_API)).toEqual({ exitCode: row.exitCode, stdout: '' })
  })
})

/** The benchmark of the API, to its end. */
async function bench(
  environment: NodeJS.ProcessEnv = {},
): Promise<{ exitCode: number | null; stdout: string }> {
  const words = ['scripts/bench.ts', '--only', 'api-alone', '--json']
  const env = { ...process.env, ...environment }
  const child = own(spawn(process.execPath, words, { detached: true, env }))
  let stdout = ''
  child.stdout.on('data', (data) => (stdout += String(data)))
  const [exitCode]: (number | null)[] = await once(child, 'close')
  return { exitCode: exitCode ?? null, stdout }
}

/** Stops each k6 of a call once its first answer is there, for longer than its ballots are fired. */
async function starve(cli: Cli.Cli, signal: AbortSignal): Promise<void> {
  const stopped = new Set<number>()
  while (!signal.aborted) {
    for (const pid of Cli.pidsOf('k6', 'storm.ts', cli.outFolder)) {
      if (stopped.has(pid) || answeredPhases(cli) <= stopped.size) continue
      stopped.add(pid)
      process.kill(pid, 'SIGSTOP')
      void sleep(STOP_MS).then(() => resume(pid))
    }
    await sleep(100)
  }
}

/** Phases of a comparison in which k6 has read an answer. */
function answeredPhases(cli: Cli.Cli): number {
  const folder = join(cli.outFolder, readdirSync(cli.outFolder)[0] ?? '')
  const histories = readdirSync(folder).map((name) => join(folder, name, 'history/attempts.log'))
  return histories.filter((file) => existsSync(file) && statSync(file).size > 0).length
}

/** The longest phase and the feeder's overtime; k6 still ends in its time. */
const STOP_MS = 8000 + OVERTIME_MS + 1000

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
