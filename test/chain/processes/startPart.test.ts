import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Readiness from '../../../chain/processes/Readiness.ts'
import { startPart, type Definition } from '../../../chain/processes/startPart.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'
import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'
import * as Parts from '../../../scripts/rig/parts.ts'

let folder: string
let supervisor: Supervisor.Supervisor
let ends: Supervisor.UnexpectedExit[]
const BROKEN = join(import.meta.dirname, '../../helpers/brokenPart.ts')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-part-'))
  ends = []
  supervisor = Supervisor.create({ logFolder: folder, onUnexpectedExit: (end) => ends.push(end) })
})
afterEach(async () => {
  await supervisor.stopAll()
  rmSync(folder, { recursive: true, force: true })
})

/** What it gives, or throws. */
function outcome(config: unknown, main = Parts.feeder.main): Promise<unknown> {
  const definition: Definition<unknown> = { role: 'feeder', main }
  const started = startPart({ supervisor, configFolder: folder }, definition, config)
  return started.catch((error: unknown) => error)
}

describe('a process of ours that does not become ready', () => {
  test('error: tells its own error, not that it ended', async () => {
    const error = await outcome({})
    expect(error).toBeInstanceOf(BallotstormError)
    expect(error).toMatchObject({
      code: 'PROCESS_CONFIG',
      exitCode: 104,
      message: expect.stringMatching(/^feeder ended: The configuration .*planFolder/s),
      remedy: 'Change the file as each line says.',
    })
  })

  test('error: also one that comes after its configuration was read', async () => {
    const planFolder = join(folder, 'nowhere')
    const historyFile = join(folder, 'handed-over.log')
    const error = await outcome({ planFolder, historyFile, port: 0 })
    expect(error).toMatchObject({ code: 'PLAN_UNREADABLE', remedy: 'Make the plan anew.' })
  })

  test('error: of a bug the stack is told', async () => {
    const error = await outcome({ serves: false }, BROKEN)
    expect(error).toBeInstanceOf(Supervisor.EarlyExitError)
    expect(error).toMatchObject({
      code: 'PROCESS_EARLY_EXIT',
      exit: { code: 1 },
      message: expect.stringMatching(/TypeError: no such field\n {4}at .*brokenPart\.ts.*a bug/s),
    })
  })
})

test('error: a process of ours that dies once it serves is told as what broke under way', async () => {
  expect(await outcome({ serves: true }, BROKEN)).toMatchObject({ url: 'http://127.0.0.1:1' })
  await supervisor.exit('feeder')
  await expect.poll(() => ends).toMatchObject([{ name: 'feeder', code: 107 }])
  const error = Readiness.lastWords('feeder', ends[0]?.logTail ?? '')
  expect(error).toMatchObject({ code: 'SPOOL_DAMAGED', exitCode: 107 })
})
