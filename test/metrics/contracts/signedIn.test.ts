import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import * as SignedIn from '../../../metrics/contracts/signedIn.ts'
import * as Transaction from '../../../metrics/ethereum/Transaction.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as RecordedCity from '../RecordedCity.ts'

/** Ballots in batches, and voters' own transactions. */
let box: RecordedCity.RecordedCity
let own: RecordedCity.RecordedCity
let liar: RecordedNode.RecordedNode

beforeAll(async () => {
  box = await RecordedCity.open('ballot-box')
  own = await RecordedCity.open('direct')
  liar = await RecordedNode.start(own.recording)
})
afterEach(() => {
  liar.rewrite(undefined)
  liar.fail(undefined)
  box.node.calls.clear()
})
afterAll(async () => {
  await liar.close()
  await own.dispose()
  await box.dispose()
})

type City = RecordedCity.RecordedCity

function signedIn(
  city: City,
  urls = [city.node.url],
  kind: SignedIn.Options['kind'] = 'ballot-box',
) {
  const { pollId, pollDigest } = city.poll
  return SignedIn.create({
    nodes: urls.map((url) => Rpc.connect(url)),
    kind,
    domain: { chainId: city.facts.chainId, verifyingContract: city.ballotBox },
    polls: [{ pollId, pollDigest }],
  })
}

function wanted(
  city: City,
  ballot: number,
  change: Partial<SignedIn.Wanted> = {},
): SignedIn.Wanted {
  return { ...city.intent(ballot), voter: voterOf(city, ballot), ...change }
}

function voterOf(city: City, ballot: number): Uint8Array {
  if (city === box) return Spool.decodeSigned(city.record(ballot), 0).voter
  const hash = city.facts.transactions[ballot]
  const all = city.recording.blocks.flatMap(({ transactions }) => transactions)
  const found = all.find((one) => one.hash === hash)
  return (found && Transaction.sender(found)) ?? Buffer.alloc(20)
}

function transaction(city: City, at: number): string {
  return city.facts.transactions[at] ?? ''
}

describe('create', () => {
  test('default: the voter’s signature in a batch', async () => {
    const { signature } = box.request(3)
    expect(await signedIn(box)(transaction(box, 0), wanted(box, 3))).toBe(signature)
  })

  test('default: the voter’s own transaction, as it was signed', async () => {
    const found = await signedIn(own)(transaction(own, 2), wanted(own, 2))
    const raw = Spool.decodeTransaction(own.record(2), 0)
    expect(found).toBe(`0x${Buffer.from(raw).toString('hex')}`)
  })

  test.each<[string, (city: City) => Partial<SignedIn.Wanted>]>([
    ['choice', (city) => ({ choice: (city.intent(3).choice + 1) % 3 })],
    ['voter', () => ({ voterIndex: 59 })],
    ['poll', () => ({ pollId: 2 })],
    ['signer', (city) => ({ voter: voterOf(city, 4) })],
  ])('behavior: another %s is not shown by it', async (_, change) => {
    expect(await signedIn(box)(transaction(box, 0), wanted(box, 3, change(box)))).toBeUndefined()
    expect(await signedIn(own)(transaction(own, 3), wanted(own, 3, change(own)))).toBeUndefined()
  })

  test('behavior: a ballot of another batch, or of no transaction, is not shown', async () => {
    expect(await signedIn(box)(transaction(box, 1), wanted(box, 3))).toBeUndefined()
    expect(await signedIn(box)(`0x${'11'.repeat(32)}`, wanted(box, 3))).toBeUndefined()
  })

  test('behavior: a transaction that names another poll’s digest is not the poll’s', async () => {
    const other = { pollId: 1, pollDigest: `0x${'44'.repeat(32)}` }
    const evidence = SignedIn.create({
      nodes: [Rpc.connect(own.node.url)],
      kind: 'ballot-box',
      domain: { chainId: own.facts.chainId, verifyingContract: own.ballotBox },
      polls: [other],
    })
    expect(await evidence(transaction(own, 2), wanted(own, 2))).toBeUndefined()
  })

  test('behavior: ballots of one transaction are looked up once, one after the other', async () => {
    const evidence = signedIn(box)
    for (const ballot of [0, 1, 2]) await evidence(transaction(box, 0), wanted(box, ballot))
    expect(box.node.calls.get('eth_getTransactionByHash')).toBe(1)
    await evidence(transaction(box, 1), wanted(box, 8))
    expect(box.node.calls.get('eth_getTransactionByHash')).toBe(2)
  })

  test('behavior: a node that shows another transaction, or none, is passed over', async () => {
    const urls = [liar.url, own.node.url]
    const honest = await signedIn(own)(transaction(own, 2), wanted(own, 2))
    const lies: ((result: unknown) => unknown)[] = [
      () => own.recording.blocks[own.facts.ballotBlocks[0] ?? 0]?.transactions[0],
      () => null,
      (result) => Object.assign({}, result, { type: '0x7e' }),
    ]
    for (const lie of lies) {
      liar.rewrite((_, result) => lie(result))
      expect(await signedIn(own, urls)(transaction(own, 2), wanted(own, 2))).toBe(honest)
      expect(await signedIn(own, [liar.url])(transaction(own, 2), wanted(own, 2))).toBeUndefined()
    }
    liar.rewrite(undefined)
    liar.fail('cut')
    expect(await signedIn(own, urls)(transaction(own, 2), wanted(own, 2))).toBe(honest)
  })

  test('behavior: only a BallotBox takes what voters have signed', async () => {
    for (const kind of ['anchored', 'active-citizen-2017'] as const) {
      const evidence = signedIn(box, [box.node.url], kind)
      expect(await evidence(transaction(box, 0), wanted(box, 3))).toBeUndefined()
    }
    expect(box.node.calls.size).toBe(0)
  })
})
