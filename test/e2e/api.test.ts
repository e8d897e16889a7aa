import { describe, expect, test } from 'vitest'

import type { FindingKind } from '../../metrics/Run.ts'
import type * as ExternalApi from '../helpers/externalApi.ts'
import { stormApi } from './stormApi.ts'
import { expected, seen } from './verdictTable.ts'

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

describe('run --api', { timeout: 240_000 }, () => {
  test('behavior: a lying API is caught, and each ballot is named', async () => {
    const { exitCode, run, taken } = await stormApi(lie)
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
