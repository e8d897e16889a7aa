import { afterAll, describe, expect, test } from 'vitest'

import type { FindingKind } from '../../metrics/Run.ts'
import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Cli from '../helpers/Cli.ts'
import * as ExternalApi from '../helpers/externalApi.ts'
import { expected, seen } from './verdictTable.ts'

const undo: (() => Promise<void>)[] = []

afterAll(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** Storms an API that is not ours; gives the exit code, the record and what the API took. */
async function storm(lie: ExternalApi.Lie) {
  const api = await ExternalApi.start(lie)
  undo.push(() => api.close())
  const flags = ['--api', api.url, '--receipt-signer', api.receiptSigner, '--duration', '4s']
  const cli = Cli.start(['run', 'smoke', '--design', 'anchored', ...flags])
  undo.push(() => cli.dispose())
  await Cli.said(cli, 'site.json')
  const siteFile = /stands in (\S+site\.json)/.exec(cli.stderr())?.[1] ?? ''
  api.meet(siteFile)
  const { exitCode, stderr } = await cli.end
  return { exitCode, stderr, run: cli.record(), taken: api.taken }
}

/** What the API does with some of the ballots, by their order of arrival. */
const DROPPED = 17
const DOUBLED = 30
const ALTERED = 42
const FORGOTTEN = 55

const lie: ExternalApi.Lie = (ballot) => {
  if (ballot.arrival === DROPPED || ballot.arrival === FORGOTTEN) return []
  if (ballot.arrival === DOUBLED) return [ballot, ballot]
  const isAltered = ballot.arrival === ALTERED
  return [isAltered ? { ...ballot, choice: (ballot.choice + 1) % 3 } : ballot]
}

const EXPECTED: [FindingKind, arrival: number][] = [
  ['altered', ALTERED],
  ['duplicated', DOUBLED],
  ['lost', DROPPED],
  ['lost', FORGOTTEN],
]

describe.concurrent('run --api', { timeout: 240_000 }, () => {
  test('default: an honest API of somebody else passes', async () => {
    const { exitCode, stderr, run, taken } = await storm((ballot) => [ballot])
    expect(exitCode, stderr).toBe(ExitCode.PASS)
    expect(run.counts.final).toBe(run.counts.planned)
    expect(taken).toHaveLength(run.counts.planned)
  })

  test('behavior: a lying API is caught, and each ballot is named', async () => {
    const { exitCode, run, taken } = await storm(lie)
    const row = expected('run', 'the API loses, doubles and alters ballots')
    expect(seen(row, run, exitCode)).toEqual(row)
    const named = run.findings.listed.map(({ kind, pollId, voterIndex }) => [
      kind,
      taken.findIndex((ballot) => ballot.pollId === pollId && ballot.voterIndex === voterIndex),
    ])
    expect(named).toHaveLength(EXPECTED.length)
    expect(named).toEqual(expect.arrayContaining(EXPECTED))
  })
})
