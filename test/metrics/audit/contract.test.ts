import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { audit, type Audit } from '../../../metrics/audit/audit.ts'
import * as Voters from '../../contracts/Voters.ts'
import * as Careless from './Careless.ts'

/** What a contract counts that checks nothing, on an honest node. */
let careless: Careless.Careless
let result: Audit
const transactions: Record<string, string> = {}

beforeAll(async () => {
  careless = await Careless.found()
  const { poll } = careless
  const sign = (voter: number, choice = 0, signer = voter) =>
    Voters.sign(poll, voter, choice, signer)
  const forged = sign(3)
  await careless.send(sign(0), sign(1), sign(2, 1))
  transactions['badSignature'] = await careless.send({
    ...forged,
    signature: flipped(forged.signature),
  })
  transactions['noSignature'] = await careless.send({ ...sign(9), signature: Buffer.alloc(65) })
  transactions['otherVoter'] = await careless.send(sign(4, 0, 5))
  transactions['outsider'] = await careless.send(sign(Careless.VOTERS))
  transactions['duplicate'] = await careless.send(sign(0, 2))
  transactions['badChoice'] = await careless.send(sign(6, 9))
  await careless.refuse(5)
  transactions['skipped'] = await careless.send(sign(7))
  await careless.refuse(0)
  await careless.mineAt(poll.sealsAt + 1)
  transactions['late'] = await careless.send(sign(8))
  result = await audit({ rpcUrls: [careless.anvil.url], contract: careless.box })
}, 60_000)

afterAll(() => careless.dispose())

/** The signature with one bit of r turned: it is somebody's, but not the voter's. */
function flipped(signature: Uint8Array): Buffer {
  const bytes = Buffer.from(signature)
  bytes[20] = (bytes[20] ?? 0) ^ 1
  return bytes
}

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
    expect(about('outsider')).toEqual({ kind: 'ineligible', voterIndex: Careless.VOTERS })
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
