import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as ProcessTable from '../../chain/processes/ProcessTable.ts'
import { own } from '../helpers/own.ts'

const SCRIPTS = join(import.meta.dirname, '../../scripts')

let root: string

/** A checkout whose packages are there already, with a command of the test's own. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ballotstorm-launch-'))
  mkdirSync(join(root, 'scripts'))
  for (const file of ['launch.mjs', 'followLauncher.mjs']) {
    cpSync(join(SCRIPTS, file), join(root, 'scripts', file))
  }
  const project = { name: 'checkout', version: '1.0.0' }
  const lock = { ...project, lockfileVersion: 3, packages: { '': project } }
  writeFileSync(join(root, 'package.json'), JSON.stringify(project))
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock))
  mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true })
  writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages: {} }))
  symlinkSync(process.execPath, join(root, 'node_modules/node/bin/node'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function command(code: string, file = 'scripts/cli.ts'): void {
  writeFileSync(join(root, file), code)
}

function launch(...words: string[]): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const launcher = join(root, 'scripts/launch.mjs')
  return own(spawn(process.execPath, [launcher, ...words], { detached: true }))
}

async function finish(
  child: ChildProcess,
): Promise<Record<'stdout' | 'stderr', string> & { code: number }> {
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('Both are pipes.')
  const [out, err, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')])
  return { stdout: out, stderr: err, code }
}

async function eventually(condition: () => boolean): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < 10_000 && !condition(); waitedMs += 20) await sleep(20)
  return condition()
}

/** A command that writes how often it was asked to end, and takes its time to do so. */
const SLOW_TO_END = `
import { appendFileSync, writeFileSync } from 'node:fs'
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {
  appendFileSync('ROOT/signals', signal + ' ')
  setTimeout(() => { writeFileSync('ROOT/clean', ''); process.exit(105) }, 1200)
})
setInterval(() => {}, 1000)
writeFileSync('ROOT/pid', String(process.pid))
`

async function launchSlow(): Promise<{ child: ChildProcess; pid: number }> {
  command(SLOW_TO_END.replaceAll('ROOT', root))
  const child = launch()
  expect(await eventually(() => existsSync(join(root, 'pid')))).toBe(true)
  await sleep(50)
  return { child, pid: Number(readFileSync(join(root, 'pid'), 'utf8')) }
}

describe('launch', () => {
  test('default', async () => {
    command(`console.log(JSON.stringify({ words: process.argv.slice(2), node: process.version }))
      process.exitCode = 99`)
    const { stdout, code } = await finish(launch('run', 'smoke', '--json'))
    expect(JSON.parse(stdout)).toEqual({ words: ['run', 'smoke', '--json'], node: process.version })
    expect(code).toBe(99)
    expect(existsSync(join(root, 'node_modules/.ballotstorm-installed'))).toBe(true)
  })

  test('behavior: --script takes another file', async () => {
    command(`console.log(process.argv.slice(2).join())`, 'scripts/other.ts')
    const { stdout, code } = await finish(launch('--script', 'scripts/other.ts', 'a', '--b'))
    expect({ stdout, code }).toEqual({ stdout: 'a,--b\n', code: 0 })
  })

  test('behavior: Node 24 comes first on PATH, and nothing forked loads what the command did', async () => {
    command(`console.log(process.env.PATH?.split(':')[0], process.execArgv.length)`)
    const { stdout } = await finish(launch())
    expect(stdout).toBe(`${join(root, 'node_modules/.bin')} 0\n`)
  })

  test('behavior: a signal that comes twice at once counts once, and the command ends in order', async () => {
    const { child } = await launchSlow()
    child.kill('SIGINT')
    child.kill('SIGINT')
    const { code } = await finish(child)
    expect(code).toBe(105)
    expect(existsSync(join(root, 'clean'))).toBe(true)
    expect(readFileSync(join(root, 'signals'), 'utf8')).toBe('SIGINT ')
  })

  test('behavior: a second Ctrl-C of a person reaches the command', async () => {
    const { child } = await launchSlow()
    child.kill('SIGINT')
    await sleep(700)
    child.kill('SIGINT')
    await finish(child)
    expect(readFileSync(join(root, 'signals'), 'utf8')).toBe('SIGINT SIGINT ')
  })

  test('behavior: the command ends in order when the launcher is killed', async () => {
    const { child, pid } = await launchSlow()
    const identity = ProcessTable.identify(pid)
    child.kill('SIGKILL')
    expect(await eventually(() => existsSync(join(root, 'clean')))).toBe(true)
    expect(readFileSync(join(root, 'signals'), 'utf8')).toBe('SIGTERM ')
    expect(await eventually(() => identity !== undefined && !ProcessTable.isAlive(identity))).toBe(
      true,
    )
  })

  test('behavior: installs anew, once, where node_modules is not what the lock file says', async () => {
    writeFileSync(
      join(root, 'node_modules/.package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/stray': { version: '1.0.0' } } }),
    )
    const [first, second] = await Promise.all([finish(launch()), finish(launch())])
    // This checkout wants no packages, and so gets no Node 24 either: that is told, and no command runs.
    expect([first.code, second.code]).toEqual([104, 104])
    expect(`${first.stderr}${second.stderr}`).toContain('npm rebuild node')
    expect(`${first.stderr}${second.stderr}`).toContain('Waiting for another process')
    expect([first.stdout, second.stdout]).toEqual(['', ''])
    expect(existsSync(join(root, 'node_modules/.ballotstorm-installed'))).toBe(false)
    expect(existsSync(join(root, 'out/install.lock'))).toBe(false)
  }, 60_000)

  test('behavior: a lock whose holder is dead is taken over', async () => {
    command('')
    mkdirSync(join(root, 'out'))
    writeFileSync(join(root, 'out/install.lock'), JSON.stringify({ pid: process.pid, start: '1' }))
    expect((await finish(launch())).code).toBe(0)
  })
})
