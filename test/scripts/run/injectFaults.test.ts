import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { faults } from '../../../chain/faults/faults.ts'
import * as Part from '../../../chain/processes/Part.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'
import type { PlannedFault } from '../../../scripts/options/fault.ts'
import { aim, injectFaults } from '../../../scripts/run/injectFaults.ts'
import { UsageError } from '../../../scripts/UsageError.ts'
import { until } from '../../helpers/systemChild.ts'

let folder: string
let supervisor: Supervisor.Supervisor
let relayer: Part.Part

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-faults-'))
  supervisor = Supervisor.create({ logFolder: folder })
  relayer = Part.of(supervisor, 'relayer')
  await supervisor.start({
    name: relayer.name,
    command: 'sleep',
    args: ['600'],
    ready: () => Promise.resolve(),
    readyTimeoutMs: 5000,
  })
})
afterEach(async () => {
  await supervisor.stopAll()
  rmSync(folder, { recursive: true, force: true })
})

function planned(name: 'kill' | 'pause', times: { atMs: number; lastsMs: number }): PlannedFault {
  const fault = faults[name]
  if (fault === undefined) throw new TypeError(name)
  return { name, fault, part: 'relayer', ...times }
}

/** As the kernel has it: `T` where it is stopped. */
function stateOf(pid: number): string | undefined {
  return /^State:\t(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
}

const never = new AbortController().signal

describe('aim', () => {
  test('error: each part that the run does not have, with those that it has', () => {
    const fault = planned('pause', { atMs: 0, lastsMs: 1 })
    const aimed = (): unknown =>
      aim([fault, { ...fault, part: 'relayer-2' }, { ...fault, part: 'api' }], [relayer])
    expect(aimed).toThrow(UsageError)
    expect(aimed).toThrow(
      /no part "relayer-2"; it has relayer\.[^]*no part "api"; it has relayer\./,
    )
  })
})

describe('injectFaults', { timeout: 30_000 }, () => {
  test('default: at its time, for its time, and healed', async () => {
    const pid = relayer.pid()
    const [fault] = aim([planned('kill', { atMs: 300, lastsMs: 200 })], [relayer])
    const notes = injectFaults(fault === undefined ? [] : [fault], {
      startAtMs: Date.now(),
      signal: never,
    })
    expect(relayer.pid()).toBe(pid)
    await until('killed', () => !relayer.isRunning())
    expect(await notes).toEqual([
      expect.stringMatching(/^On purpose, relayer is killed 0\.3 s after the first instant, for /),
    ])
    expect(relayer.isRunning()).toBe(true)
    expect(relayer.pid()).not.toBe(pid)
  })

  test('behavior: the end of the run heals what is injected, and injects no more', async () => {
    const over = new AbortController()
    const aimed = aim(
      [
        planned('pause', { atMs: 0, lastsMs: 600_000 }),
        planned('kill', { atMs: 600_000, lastsMs: 1 }),
      ],
      [relayer],
    )
    const pid = relayer.pid()
    const notes = injectFaults(aimed, { startAtMs: Date.now(), signal: over.signal })
    await until('stopped', () => stateOf(pid) === 'T')
    over.abort()
    expect(await notes).toEqual([
      expect.stringContaining('relayer is paused'),
      expect.stringContaining('no, the run was over before'),
    ])
    expect(stateOf(pid)).not.toBe('T')
    expect(relayer.pid()).toBe(pid)
  })

  test('error: nothing is injected into what has ended, and that is said', async () => {
    const [fault] = aim([planned('pause', { atMs: 0, lastsMs: 1 })], [relayer])
    await relayer.stop()
    const aimed = fault === undefined ? [] : [fault]
    expect(await injectFaults(aimed, { startAtMs: Date.now(), signal: never })).toEqual([
      expect.stringContaining('no, it had ended before'),
    ])
  })
})
