import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import type { FindingKind, Link } from '../../metrics/Run.ts'
import * as Lie from '../helpers/Lie.ts'
import { rehearse, type Rehearsed } from '../helpers/rehearse.ts'

const LIARS = {
  api: join(import.meta.dirname, '../helpers/lyingApi.ts'),
  relayer: join(import.meta.dirname, '../helpers/lyingRelayer.ts'),
}

const LINKS: Record<keyof typeof LIARS, Link> = {
  api: 'voter and database',
  relayer: 'database and chain',
}

/** For each lie what the books must call it, and what they must say of the database. */
type Expected = Record<string, `${FindingKind}: ${string}`>

/** Every lie that was told as the books must name it: by voter, kind, and what the database holds. */
function wanted(rehearsed: Rehearsed, who: keyof typeof LIARS, expected: Expected): string[] {
  return Lie.read(rehearsed.told(who))
    .flatMap(({ lie, pollId, voterIndex }) => {
      const verdict = expected[lie]
      return verdict === undefined ? [] : [`${pollId}/${voterIndex} ${verdict}`]
    })
    .toSorted()
}

/** What the books name on the link behind which the liar stands. */
function named({ run }: Rehearsed, who: keyof typeof LIARS): string[] {
  return run.findings.listed
    .filter(({ brokenBetween }) => brokenBetween === LINKS[who])
    .map(({ kind, pollId, voterIndex, evidence }) => {
      const database = String(evidence['database']).replace(/\d/, 'N')
      return `${pollId}/${voterIndex} ${kind}: ${database}`
    })
    .toSorted()
}

function expectNamed(rehearsed: Rehearsed, who: keyof typeof LIARS, expected: Expected): void {
  const lies = wanted(rehearsed, who, expected)
  expect(lies).toHaveLength(Object.keys(expected).length)
  expect(named(rehearsed, who)).toEqual(lies)
}

describe.concurrent('run', { timeout: 240_000 }, () => {
  test('behavior: anchored: a lying API and a lying relayer are caught and told apart', async () => {
    const rehearsed = await rehearse({ design: 'anchored', duration: '4s', mains: LIARS })
    const { findings, verdict } = rehearsed.run
    expectNamed(rehearsed, 'api', {
      drop: 'lost: does not hold it',
      alter: 'altered: holds choice N',
      double: 'duplicated: holds it more than once',
      add: 'unexpected: holds choice N',
    })
    expectNamed(rehearsed, 'relayer', {
      alter: 'altered: holds it',
      drop: 'lost: holds it',
      double: 'duplicated: holds it',
      add: 'unexpected: does not hold it',
      delay: 'lost: holds it',
    })
    // The result that the API tells is the database's, which the relayer did not mirror.
    const others = findings.listed.filter(({ brokenBetween }) => brokenBetween === undefined)
    expect(others.map(({ kind }) => kind)).toEqual(['tallyMismatch'])
    expect(findings.byLink).toEqual({ 'voter and database': 4, 'database and chain': 5 })
    expect(verdict.value).toBe('FAIL')
  })

  test('behavior: relayed: the contract keeps the liars from all but losing ballots', async () => {
    const rehearsed = await rehearse({ design: 'relayed', duration: '4s', mains: LIARS })
    const { run } = rehearsed
    expectNamed(rehearsed, 'api', {
      drop: 'lost: does not hold it',
      alter: 'lost: holds choice N',
      kill: 'lost: does not hold it',
    })
    expectNamed(rehearsed, 'relayer', {
      alter: 'lost: holds it',
      drop: 'lost: holds it',
      delay: 'lost: holds it',
    })
    expect(run.counts).toMatchObject({ altered: 0, duplicated: 0, unexpected: 0, lost: 6 })
    expect(run.findings.count).toBe(6)
    const [poll] = run.polls
    expect(poll?.tally).toEqual(poll?.recount)
    expect(run.verdict.reasons.join()).toContain('api (SIGKILL')
  })
})
