import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, describe, expect, test } from 'vitest'

import * as ClockWatch from '../../../metrics/machine/ClockWatch.ts'
import * as Machine from '../../../metrics/machine/Machine.ts'
import * as Processes from '../../../metrics/machine/Processes.ts'
import * as Run from '../../../metrics/Run.ts'
import * as runs from '../../fixtures/runs.ts'
import { own } from '../../helpers/own.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A /proc of our own: what the kernel would tell of a machine that we make up. */
function proc(): {
  folder: string
  cpu: (line: string) => void
  process: (pid: number, line: string) => void
} {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-proc-'))
  folders.push(folder)
  return {
    folder,
    cpu: (line) => writeFileSync(join(folder, 'stat'), `${line}\ncpu0 1 2 3\n`),
    process: (pid, line) => {
      mkdirSync(join(folder, String(pid)), { recursive: true })
      writeFileSync(join(folder, String(pid), 'stat'), line)
    },
  }
}

/** The kernel's line of a process. */
function stat(pid: number, parentPid: number, cpu: { user: number; startedAt: number }): string {
  return `${pid} (a (b) c) S ${parentPid} 1 1 0 -1 0 0 0 0 0 ${cpu.user} 0 0 0 20 0 1 0 ${cpu.startedAt} 0\n`
}

const clocks = { wallNow: Date.now, monotonicNow: () => performance.now(), intervalMs: 60_000 }

describe('start', () => {
  test('default: a busy child of a part is counted as the part', { timeout: 20_000 }, async () => {
    const words = 'sh -c "while :; do :; done" & wait'
    const child = own(spawn('sh', ['-c', words], { detached: true }))
    try {
      const machine = Machine.start({
        ...clocks,
        intervalMs: 50,
        pids: () => [{ name: 'burner', pid: child.pid ?? 0 }],
      })
      await new Promise((resolve) => setTimeout(resolve, 1500))
      const reading = machine.stop()
      expect(reading.cpuSByProcess['burner']).toBeGreaterThan(0.2)
      expect(reading.cpuSByProcess['burner']).toBeLessThan(2)
      expect(machine.stop()).toBe(reading)
      expect(() =>
        Run.parse(JSON.stringify({ ...runs.passed(), machine: reading }), 'reading'),
      ).not.toThrow()
    } finally {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }
  })

  test('behavior: steal and foreign work are shares of the whole machine', () => {
    const { folder, cpu, process } = proc()
    cpu('cpu 100 0 0 1000 0 0 0 0 0 0')
    process(7, stat(7, 1, { user: 10, startedAt: 5 }))
    const machine = Machine.start({
      ...clocks,
      procFolder: folder,
      pids: () => [{ name: 'api', pid: 7 }],
    })
    // Of 1,000 ticks: 500 idle, 200 stolen, 300 busy, 120 of them ours.
    cpu('cpu 350 0 50 1400 100 0 0 200 50 0')
    process(7, stat(7, 1, { user: 130, startedAt: 5 }))
    expect(machine.stop()).toMatchObject({
      stealShare: 0.2,
      foreignCpuShare: 0.18,
      cpuSByProcess: { api: 1.2 },
    })
  })

  test('behavior: foreign work is never negative', () => {
    const { folder, cpu, process } = proc()
    cpu('cpu 0 0 0 0 0 0 0 0')
    process(7, stat(7, 1, { user: 0, startedAt: 5 }))
    const machine = Machine.start({
      ...clocks,
      procFolder: folder,
      pids: () => [{ name: 'api', pid: 7 }],
    })
    cpu('cpu 100 0 0 900 0 0 0 0')
    process(7, stat(7, 1, { user: 103, startedAt: 5 }))
    expect(machine.stop().foreignCpuShare).toBe(0)
  })

  test('behavior: without /proc there is a reading all the same', () => {
    const options = { ...clocks, procFolder: '/nonexistent', pids: () => [] }
    expect(Machine.start(options).stop()).toMatchObject({
      stealShare: 0,
      foreignCpuShare: 0,
      cpuSByProcess: {},
    })
  })
})

describe('Processes.create', () => {
  const parts = [{ name: 'postgres', pid: 10 }]
  const postmaster = { pid: 10, parentPid: 1, startedAt: 100 }

  test('behavior: a backend that came and went keeps what it used', () => {
    const processes = Processes.create()
    processes.sample(parts, [{ ...postmaster, cpu: 50 }])
    processes.sample(parts, [
      { ...postmaster, cpu: 52 },
      { pid: 11, parentPid: 10, startedAt: 200, cpu: 30 },
    ])
    processes.sample(parts, [{ ...postmaster, cpu: 55 }])
    expect(processes.ticksByPart()).toEqual({ postgres: 35 })
  })

  test('behavior: a part that died keeps what it used, and its number may be given again', () => {
    const processes = Processes.create()
    processes.sample(parts, [{ ...postmaster, cpu: 50 }])
    processes.sample(parts, [{ ...postmaster, cpu: 60 }])
    processes.sample([], [{ pid: 10, parentPid: 1, startedAt: 900, cpu: 7 }])
    processes.sample(parts, [{ pid: 10, parentPid: 1, startedAt: 900, cpu: 8 }])
    expect(processes.ticksByPart()).toEqual({ postgres: 18 })
  })

  test('behavior: a part below another part is counted once, as itself', () => {
    const processes = Processes.create()
    const both = [
      { name: 'harness', pid: 1 },
      { name: 'k6', pid: 2 },
    ]
    const harness = { pid: 1, parentPid: 0, startedAt: 1 }
    const k6 = { pid: 2, parentPid: 1, startedAt: 2 }
    for (const used of [0, 9]) {
      processes.sample(both, [
        { ...harness, cpu: used / 3 },
        { ...k6, cpu: used },
      ])
    }
    expect(processes.ticksByPart()).toEqual({ harness: 3, k6: 9 })
  })
})

/** A clock that gains so many ms in each of so many half seconds. */
function driftOf(gainsMs: readonly number[]): number {
  let [wall, monotonic] = [1_000_000, 0]
  const watch = ClockWatch.create(
    () => wall,
    () => monotonic,
  )
  watch.sample()
  for (const gainMs of gainsMs) {
    wall += 500 + gainMs
    monotonic += 500
    watch.sample()
  }
  return watch.driftMsMax()
}

describe('ClockWatch.create', () => {
  test.each([
    ['one step forward', [0, 750, 0], 750],
    ['one step back', [0, -750, 0], 750],
    ['a step and back again', [0, 40, -40, 0], 40],
    ['many small ones, two minutes long', Array.from({ length: 240 }, () => 45), 45 * 120],
    ['slow ones, an hour long', Array.from({ length: 7200 }, () => 0.2), 0.2 * 120],
  ])('behavior: %s', (_, gainsMs, driftMs) => {
    expect(driftOf(gainsMs)).toBeCloseTo(driftMs)
  })
})
