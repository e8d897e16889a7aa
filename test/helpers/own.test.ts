import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { own } from './own.ts'
import { until } from './systemChild.ts'

const ROOT = join(import.meta.dirname, '../..')

/** A test that never ends, and has started by each helper what it starts. */
const ENDLESS = `
import { writeFileSync } from 'node:fs'
import * as Postgres from '${ROOT}/test/chain/database/postgres.ts'
import * as Cli from '${ROOT}/test/helpers/Cli.ts'
import * as Child from '${ROOT}/test/helpers/systemChild.ts'
import * as Anvil from '${ROOT}/test/metrics/anvil.ts'
test('never ends', { timeout: 0 }, async () => {
  await Promise.all([Anvil.start(), Postgres.start({ migrated: false })])
  Child.startCommand('sh', ['-c', 'sh -c "while :; do sleep 1; done" & wait'])
  await Cli.said(Cli.start(['run', 'smoke']), 'design relayed (')
  writeFileSync('fork', String(process.pid))
  await new Promise(() => {})
})`

const CONFIG = `export default { test: { globals: true, pool: 'forks', include: ['*.test.ts'] } }`

/** What was started in the folder: all has its name in its words or its environment. */
function pidsIn(folder: string): number[] {
  const mentions = (pid: string, file: string): boolean => {
    try {
      return readFileSync(join('/proc', pid, file), 'utf8').includes(folder)
    } catch {
      return false
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => mentions(pid, 'cmdline') || mentions(pid, 'environ'))
    .map(Number)
}

describe('own', { timeout: 240_000 }, () => {
  test.concurrent.each(['fork', 'runner'])(
    'behavior: where the %s of a test is killed, no process is left within 10 s',
    async (victim) => {
      const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-own-'))
      try {
        writeFileSync(join(folder, 'endless.test.ts'), ENDLESS)
        writeFileSync(join(folder, 'vitest.config.ts'), CONFIG)
        const words = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run']
        const env = { ...process.env, TMPDIR: folder }
        const runner = own(
          spawn(process.execPath, words, { cwd: folder, env, stdio: 'ignore', detached: true }),
        )
        const ended = once(runner, 'exit')
        const file = join(folder, 'fork')
        await until(
          'all is started',
          () => existsSync(file) && readFileSync(file).length > 0,
          120_000,
        )
        // The runner, its watchdog and its fork; anvil; PostgreSQL; the shells; the run and its parts.
        expect(pidsIn(folder).length).toBeGreaterThan(10)
        process.kill(victim === 'fork' ? Number(readFileSync(file)) : Number(runner.pid), 'SIGKILL')
        await until('all is gone', () => pidsIn(folder).length === 0, 10_000)
        await ended
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  )
})
