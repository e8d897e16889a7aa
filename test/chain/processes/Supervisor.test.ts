import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as ProcessTable from '../../../chain/processes/ProcessTable.ts'
import * as Readiness from '../../../chain/processes/Readiness.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'
import { own } from '../../helpers/own.ts'

const NODE = process.execPath
const ANNOUNCE = `process.stdout.write('{"ready":true,"url":"http://127.0.0.1:1"}\\n')`
const STAY = 'setInterval(() => {}, 1000)'

let folder: string
let ends: Supervisor.UnexpectedExit[]
let supervisor: Supervisor.Supervisor

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-supervisor-'))
  ends = []
  const onUnexpectedExit = (end: Supervisor.UnexpectedExit): void => void ends.push(end)
  supervisor = Supervisor.create({ logFolder: folder, onUnexpectedExit })
})

afterEach(async () => {
  await supervisor.stopAll()
  rmSync(folder, { recursive: true, force: true })
})

function script(name: string, code: string): Supervisor.StartOptions<string> {
  const ready = Readiness.line
  return { name, command: NODE, args: ['-e', code], ready, readyTimeoutMs: 10_000 }
}

function identity(pid: number): ProcessTable.Identity {
  const found = ProcessTable.identify(pid)
  if (found === undefined) throw new Error(`pid ${pid} is gone.`)
  return found
}

async function eventually(condition: () => boolean, timeoutMs = 10_000): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < timeoutMs && !condition(); waitedMs += 20) await sleep(20)
  return condition()
}

describe('start', () => {
  test('default', async () => {
    // The kernel counts in ticks of 10 ms: a quick start may have used none.
    const work = 'while (process.cpuUsage().user < 100_000);'
    const code = `console.error('hello'); ${work} ${ANNOUNCE}; ${STAY}`
    const info = await supervisor.start(script('a', code))
    expect(info).toBe('http://127.0.0.1:1')
    expect(readFileSync(join(folder, 'a.log'), 'utf8')).toContain('hello')
    expect(supervisor.list()).toMatchObject([{ name: 'a', isRunning: true }])
    expect(supervisor.list()[0]?.cpuS).toBeGreaterThan(0)
    const leader = identity(supervisor.pid('a'))
    await supervisor.stopAll()
    expect(ProcessTable.isAlive(leader)).toBe(false)
    expect(ends).toEqual([])
  })

  test('behavior: no proxy and no stray variable reaches a process', async () => {
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:9'
    await supervisor.start({
      ...script('a', `console.error(JSON.stringify(process.env)); ${ANNOUNCE}; ${STAY}`),
      env: { GIVEN: 'yes' },
    })
    delete process.env['HTTP_PROXY']
    const log = readFileSync(join(folder, 'a.log'), 'utf8')
    expect(log).toContain('"GIVEN":"yes"')
    expect(log).not.toContain('HTTP_PROXY')
  })

  test('error: ends before it is ready: told at once, with the end of its log', async () => {
    const startedMs = performance.now()
    const error: unknown = await supervisor
      .start(script('a', `console.error('no such poll'); process.exit(3)`))
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'PROCESS_EARLY_EXIT', exit: { code: 3, signal: null } })
    expect(String(error)).toContain('no such poll')
    expect(performance.now() - startedMs).toBeLessThan(8000)
    expect(ends).toEqual([])
  })

  test('error: not ready in time: it is stopped', async () => {
    const options = { ...script('a', STAY), readyTimeoutMs: 300 }
    await expect(supervisor.start(options)).rejects.toMatchObject({ code: 'PROCESS_NOT_READY' })
    expect(supervisor.list()).toMatchObject([{ isRunning: false }])
  })

  test('error: no such program', async () => {
    const options = { ...script('a', ''), command: join(folder, 'none') }
    await expect(supervisor.start(options)).rejects.toMatchObject({ code: 'PROCESS_SPAWN' })
  })

  test('error: the name is taken', async () => {
    await supervisor.start(script('a', `${ANNOUNCE}; ${STAY}`))
    await expect(supervisor.start(script('a', STAY))).rejects.toMatchObject({
      code: 'PROCESS_NAME_TAKEN',
    })
  })

  test('error: after stopAll', async () => {
    await supervisor.stopAll()
    await expect(supervisor.start(script('a', STAY))).rejects.toMatchObject({
      code: 'SUPERVISOR_CLOSED',
    })
  })
})

describe('stop', () => {
  test('default', async () => {
    const code = `process.on('SIGTERM', () => { console.error('in order'); process.exit(0) })`
    await supervisor.start(script('a', `${code}; ${ANNOUNCE}; ${STAY}`))
    await supervisor.stop('a')
    expect(readFileSync(join(folder, 'a.log'), 'utf8')).toContain('in order')
  })

  test('behavior: kills what does not end in time', async () => {
    await supervisor.start({
      ...script('a', `process.on('SIGTERM', () => {}); ${ANNOUNCE}; ${STAY}`),
      stopTimeoutMs: 200,
    })
    await supervisor.stop('a')
    expect(await supervisor.exit('a')).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('behavior: a paused process ends in order', async () => {
    await supervisor.start(script('a', `${ANNOUNCE}; ${STAY}`))
    supervisor.kill('a', 'SIGSTOP')
    await supervisor.stop('a')
    expect(await supervisor.exit('a')).toEqual({ code: null, signal: 'SIGTERM' })
  })

  test('behavior: takes along what the process started', async () => {
    const child = `require('node:child_process').spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); ${STAY}"])`
    await supervisor.start(
      script(
        'a',
        `require('node:fs').writeFileSync('${folder}/child', String(${child}.pid)); ${ANNOUNCE}; ${STAY}`,
      ),
    )
    const grandchild = identity(Number(readFileSync(join(folder, 'child'), 'utf8')))
    expect(ProcessTable.isAlive(grandchild)).toBe(true)
    await supervisor.stop('a')
    expect(await eventually(() => !ProcessTable.isAlive(grandchild))).toBe(true)
  })
})

describe('stopAll', () => {
  test('behavior: in the reverse order of the start', async () => {
    const log = join(folder, 'order')
    for (const name of ['a', 'b', 'c']) {
      const onTerm = `process.on('SIGTERM', () => { require('node:fs').appendFileSync('${log}', '${name}'); process.exit(0) })`
      await supervisor.start(script(name, `${onTerm}; ${ANNOUNCE}; ${STAY}`))
    }
    await supervisor.stopAll()
    expect(readFileSync(log, 'utf8')).toBe('cba')
  })

  test('behavior: catches a process that is still starting', async () => {
    const start = supervisor.start(script('a', STAY)).catch((error: unknown) => error)
    await supervisor.stopAll()
    expect(await start).toMatchObject({ code: 'PROCESS_EARLY_EXIT' })
    expect(supervisor.list()).toMatchObject([{ isRunning: false }])
  })

  test('behavior: removes owned folders, and leaves disowned ones', async () => {
    for (const name of ['kept', 'gone']) {
      mkdirSync(join(folder, name))
      supervisor.ownFolder(join(folder, name))
    }
    supervisor.disownFolder(join(folder, 'kept'))
    await supervisor.stopAll()
    expect(['kept', 'gone'].map((name) => existsSync(join(folder, name)))).toEqual([true, false])
  })
})

describe('restart', () => {
  test('default', async () => {
    await supervisor.start(script('a', `${ANNOUNCE}; ${STAY}`))
    const before = supervisor.pid('a')
    supervisor.kill('a', 'SIGKILL')
    expect(await supervisor.restart('a')).toBe('http://127.0.0.1:1')
    expect(supervisor.pid('a')).not.toBe(before)
    expect(ends).toEqual([])
  })
})

describe('onUnexpectedExit', () => {
  test('default', async () => {
    await supervisor.start(
      script('a', `${ANNOUNCE}; setTimeout(() => { console.error('bad'); process.exit(9) }, 200)`),
    )
    const pid = supervisor.pid('a')
    expect(await eventually(() => ends.length > 0)).toBe(true)
    expect(ends).toMatchObject([{ name: 'a', pid, code: 9, signal: null }])
    expect(ends[0]?.logTail).toContain('bad')
  })

  test('behavior: silent about a task', async () => {
    await supervisor.start({
      ...script('a', ANNOUNCE),
      lifetime: 'task',
      ready: async () => '',
    })
    expect(await supervisor.exit('a')).toEqual({ code: 0, signal: null })
    await sleep(50)
    expect(ends).toEqual([])
  })
})

describe('signalGroup', () => {
  test('behavior: a process that was given the pid of another is left alone', async () => {
    await supervisor.start(script('a', `${ANNOUNCE}; ${STAY}`))
    const leader = identity(supervisor.pid('a'))
    const earlier = { ...leader, startTicks: leader.startTicks - 1 }
    expect(ProcessTable.signalGroup(earlier, 'SIGKILL')).toBe(false)
    expect(ProcessTable.isAlive(leader)).toBe(true)
  })
})

describe('watchdog', () => {
  test.each(['SIGKILL', 'SIGINT'] as const)('behavior: %s of the parent', async (signal) => {
    const parent = await startParent()
    const leaders = parent.pids.map(identity)
    expect(leaders.map(ProcessTable.isAlive)).toEqual([true, true])
    parent.kill(signal)
    expect(await eventually(() => !leaders.some(ProcessTable.isAlive))).toBe(true)
    expect(await eventually(() => !existsSync(join(folder, 'scratch')))).toBe(true)
  })
})

/** A supervisor in a process of its own, which tells the pids of what it started. */
async function startParent(): Promise<{ kill(signal: NodeJS.Signals): void; pids: number[] }> {
  const stubborn = `process.on('SIGTERM', () => {}); ${ANNOUNCE}; ${STAY}`
  const processes = join(import.meta.dirname, '../../../chain/processes')
  const file = join(folder, 'parent.ts')
  writeFileSync(
    file,
    `import * as Readiness from '${processes}/Readiness.ts'
import * as Supervisor from '${processes}/Supervisor.ts'
const supervisor = Supervisor.create({ logFolder: '${folder}' })
supervisor.ownFolder('${folder}/scratch')
const start = (name, code) => supervisor.start({
name, command: process.execPath, args: ['-e', code], ready: Readiness.line, readyTimeoutMs: 10000,
})
await start('good', ${JSON.stringify(`${ANNOUNCE}; ${STAY}`)})
await start('stubborn', ${JSON.stringify(stubborn)})
process.stdout.write(JSON.stringify([supervisor.pid('good'), supervisor.pid('stubborn')]))`,
  )
  mkdirSync(join(folder, 'scratch'))
  const parent = own(spawn(NODE, [file], { stdio: ['ignore', 'pipe', 'inherit'], detached: true }))
  const [pids] = await once(parent.stdout, 'data')
  return { kill: (signal) => void parent.kill(signal), pids: JSON.parse(String(pids)) }
}
