import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Follow from '../../../scripts/run/Follow.ts'
import * as Sandbox from '../../metrics/books/Sandbox.ts'

let sandbox: Sandbox.Sandbox
let follow: Follow.Follow
beforeEach(() => {
  sandbox = Sandbox.create(10)
  const { planFolder, historyFiles, observationsFile } = sandbox.options
  follow = Follow.create({
    planFolder,
    attemptsFile: historyFiles.attempts,
    probeAttemptsFile: join(sandbox.folder, 'probe.log'),
    observationsFile,
  })
})
afterEach(() => {
  follow.close()
  sandbox.dispose()
})

function attempt(ballot: number, number: number, status: number): string {
  const times = { intendedAtMs: 1, sentAtMs: 2, doneAtMs: 3 }
  return HistoryLine.formatAttempt({ ballot, attempt: number, ...times, status, body: '{}' })
}

function counted(...ballots: number[]): Parameters<Sandbox.Sandbox['observations']>[0] {
  const casts = ballots.map((ballot): [number, number, number, number] => [
    1,
    Sandbox.voterOf(ballot),
    0,
    0,
  ])
  return [Sandbox.block(1, casts), Sandbox.final(1)]
}

describe('read', () => {
  test('default: a ballot counts once, however often it is tried', () => {
    sandbox.history([attempt(0, 1, 0), attempt(0, 2, 503), attempt(0, 3, 202)], [])
    follow.read()
    expect(follow.seen).toMatchObject({ answered: 1, awaited: 1, final: 0 })
    sandbox.observations(counted(0))
    follow.read()
    expect(follow.seen).toMatchObject({ answered: 1, awaited: 0, final: 1, height: 1 })
  })

  test('behavior: as many others that are final do not stand for those that were accepted', () => {
    sandbox.history(
      [0, 1, 2].map((ballot) => attempt(ballot, 1, 202)),
      [],
    )
    sandbox.observations(counted(7, 8, 9, 9))
    follow.read()
    expect(follow.seen).toMatchObject({ awaited: 3, final: 3 })
  })

  test('behavior: a refusal is no acceptance, and a stranger’s ballot is none of ours', () => {
    sandbox.history([attempt(0, 1, 409), attempt(1, 1, 200)], [])
    sandbox.observations([Sandbox.block(1, [[1, 999, 0, 0]]), Sandbox.final(1)])
    follow.read()
    expect(follow.seen).toMatchObject({ answered: 2, awaited: 0, final: 0 })
  })
})
