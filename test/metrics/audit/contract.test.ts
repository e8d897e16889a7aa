import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { audit, type Audit } from '../../../metrics/audit/audit.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'

/** What a contract counts that checks nothing, on an honest node. */
let node: RecordedNode.RecordedNode
const recording = Recording.load<Facts.Careless>('careless')
const { contract, transactions, voterCount } = recording.facts

beforeAll(async () => {
  node = await RecordedNode.start(recording)
})

afterAll(() => node.close())

/** In each test anew: of what is done before all of them nobody could say which one needs it. */
function look(): Promise<Audit> {
  return audit({ rpcUrls: [node.url], contract })
}

/** The one finding about a transaction. */
async function about(name: string): Promise<{ kind: string; voterIndex: number | undefined }> {
  const { findings } = await look()
  const found = findings.listed.filter(
    ({ evidence }) => evidence['transaction'] === transactions[name],
  )
  expect(found).toHaveLength(1)
  return { kind: found[0]?.kind ?? '', voterIndex: found[0]?.voterIndex }
}

describe('audit', () => {
  test('behavior: a ballot that nobody signed is found', async () => {
    expect(await about('badSignature')).toEqual({ kind: 'badSignature', voterIndex: 3 })
    expect(await about('noSignature')).toEqual({ kind: 'badSignature', voterIndex: 9 })
  })

  test('behavior: a ballot that another voter signed is found, and one from outside', async () => {
    expect(await about('otherVoter')).toEqual({ kind: 'badSignature', voterIndex: 4 })
    expect(await about('outsider')).toEqual({ kind: 'ineligible', voterIndex: voterCount })
  })

  test('behavior: a second ballot of a voter is found, with the first one', async () => {
    expect(await about('duplicate')).toEqual({ kind: 'duplicated', voterIndex: 0 })
    const [finding] = (await look()).findings.listed.filter(({ kind }) => kind === 'duplicated')
    expect(finding?.evidence).toMatchObject({ choice: 2, countedChoice: 0 })
  })

  test('behavior: a ballot for no option is found', async () => {
    expect(await about('badChoice')).toEqual({ kind: 'unexpected', voterIndex: 6 })
  })

  test('behavior: a ballot after the sealing is found', async () => {
    expect(await about('late')).toEqual({ kind: 'untimely', voterIndex: 8 })
  })

  test('behavior: a good ballot that was skipped is found', async () => {
    expect(await about('skipped')).toEqual({ kind: 'wronglySkipped', voterIndex: 7 })
  })

  test('behavior: the recount holds the good ballots, the tally of the contract differs', async () => {
    expect((await look()).polls).toMatchObject([
      { recount: [2, 1, 0], tally: [7, 1, 1], skippedCount: 1 },
    ])
    const kinds = (await look()).findings.listed.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'tallyMismatch')).toHaveLength(1)
    expect((await look()).findings.count).toBe(9)
  })
})
