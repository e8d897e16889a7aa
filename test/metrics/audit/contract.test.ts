import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { audit, type Audit } from '../../../metrics/audit/audit.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'

/** What a contract counts that checks nothing, on an honest node. */
let node: RecordedNode.RecordedNode
let result: Audit
const recording = Recording.load<Facts.Careless>('careless')
const { contract, transactions, voterCount } = recording.facts

beforeAll(async () => {
  node = await RecordedNode.start(recording)
  result = await audit({ rpcUrls: [node.url], contract })
})

afterAll(() => node.close())

/** The one finding about a transaction. */
function about(name: string): { kind: string; voterIndex: number | undefined } {
  const found = result.findings.listed.filter(
    ({ evidence }) => evidence['transaction'] === transactions[name],
  )
  expect(found).toHaveLength(1)
  return { kind: found[0]?.kind ?? '', voterIndex: found[0]?.voterIndex }
}

describe('audit', () => {
  test('behavior: a ballot that nobody signed is found', () => {
    expect(about('badSignature')).toEqual({ kind: 'badSignature', voterIndex: 3 })
    expect(about('noSignature')).toEqual({ kind: 'badSignature', voterIndex: 9 })
  })

  test('behavior: a ballot that another voter signed is found, and one from outside', () => {
    expect(about('otherVoter')).toEqual({ kind: 'badSignature', voterIndex: 4 })
    expect(about('outsider')).toEqual({ kind: 'ineligible', voterIndex: voterCount })
  })

  test('behavior: a second ballot of a voter is found, with the first one', () => {
    expect(about('duplicate')).toEqual({ kind: 'duplicated', voterIndex: 0 })
    const [finding] = result.findings.listed.filter(({ kind }) => kind === 'duplicated')
    expect(finding?.evidence).toMatchObject({ choice: 2, countedChoice: 0 })
  })

  test('behavior: a ballot for no option is found', () => {
    expect(about('badChoice')).toEqual({ kind: 'unexpected', voterIndex: 6 })
  })

  test('behavior: a ballot after the sealing is found', () => {
    expect(about('late')).toEqual({ kind: 'untimely', voterIndex: 8 })
  })

  test('behavior: a good ballot that was skipped is found', () => {
    expect(about('skipped')).toEqual({ kind: 'wronglySkipped', voterIndex: 7 })
  })

  test('behavior: the recount holds the good ballots, the tally of the contract differs', () => {
    expect(result.polls).toMatchObject([{ recount: [2, 1, 0], tally: [7, 1, 1], skippedCount: 1 }])
    const kinds = result.findings.listed.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'tallyMismatch')).toHaveLength(1)
    expect(result.findings.count).toBe(9)
  })
})
