import { Wallet } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as SignedIn from '../../../metrics/contracts/signedIn.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import * as Signature from '../../../scenarios/ballots/Signature.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import { mined } from '../audit/mined.ts'
import * as Anvil from '../anvil.ts'
import * as City from '../City.ts'

/** The one whose voter signs another choice too, which comes first. */
const TWICE = 3

const SENT = 6

describe.each(['api', 'rpc'] as const)('reconcile over %s', (path) => {
  let city: City.City
  let other: { choice: number; evidence: string; transaction: string }
  let signedIn: SignedIn.SignedIn
  let observationsFile: string

  beforeAll(async () => {
    city = await City.found(path)
    other = path === 'api' ? await carryOther(city) : await sendOther(city)
    for (let ballot = 0; ballot < SENT; ballot += 1) {
      // The voter's account has sent the other one: this nonce is used up.
      if (path === 'rpc' && ballot === TWICE) continue
      // oxlint-disable-next-line no-await-in-loop -- in this order
      await mined(city.anvil, await city.send(ballot))
    }
    await city.seal()
    city.writeHistory((ballot) => (ballot < SENT ? city.answer(ballot) : undefined))
    signedIn = SignedIn.create({
      nodes: [Rpc.connect(city.anvil.url)],
      kind: 'ballot-box',
      domain: { chainId: Anvil.CHAIN_ID, verifyingContract: city.ballotBox },
      polls: [city.poll],
    })
    const untilFinal = await city.anvil.height()
    observationsFile = await city.observe({ rpcUrls: [city.anvil.url], untilFinal })
  })
  afterAll(() => city?.dispose())

  test('default: the voter signed what counts, so nobody is accused, and both signatures are told', async () => {
    const books = await city.reconcile(observationsFile, { signedIn })
    expect(books.findings.listed).toEqual([])
    expect(books.counts).toMatchObject({ altered: 0, lost: 0, pending: 0, final: SENT })
    const [told] = books.signedTwice.listed
    expect(books.signedTwice.count).toBe(1)
    expect(told).toMatchObject({
      ballot: TWICE,
      evidence: {
        signedChoice: city.intent(TWICE).choice,
        seenChoice: other.choice,
        transaction: other.transaction,
        secondSignature: other.evidence,
      },
    })
    const { signature, signedTransaction } = told?.evidence ?? {}
    expect(signature ?? signedTransaction).toMatch(/^0x[0-9a-f]{130,}$/)
  })

  test('behavior: without a second signature it is altered', async () => {
    const books = await city.reconcile(observationsFile, { signedIn: async () => undefined })
    expect(books.findings.listed).toMatchObject([{ kind: 'altered', ballot: TWICE }])
    expect(books.signedTwice).toEqual({ count: 0, listed: [] })
  })

  test('behavior: nothing but this voter’s word for this choice in this transaction is one', async () => {
    const { voterIndex } = city.intent(TWICE)
    const voter = addressOf(voterIndex)
    const wanted = { pollId: 1, voterIndex, choice: other.choice, voter }
    expect(await signedIn(other.transaction, wanted)).toBe(other.evidence)
    const wrong = [
      { ...wanted, choice: (other.choice + 1) % 3 },
      { ...wanted, voterIndex: voterIndex + 1 },
      { ...wanted, pollId: 2 },
      { ...wanted, voter: addressOf(voterIndex + 1) },
    ]
    for (const one of wrong) expect(await signedIn(other.transaction, one)).toBeUndefined()
    expect(await signedIn(`0x${'12'.repeat(32)}`, wanted)).toBeUndefined()
  })
})

type Other = { choice: number; evidence: string; transaction: string }

/** Somebody carries a ballot with another choice that the voter has signed as well. */
async function carryOther(city: City.City): Promise<Other> {
  const { pollId, voterIndex, choice: planned } = city.intent(TWICE)
  const choice = (planned + 1) % 3
  const separator = Ballot.domainSeparator({
    chainId: Anvil.CHAIN_ID,
    verifyingContract: city.ballotBox,
  })
  const pollDigest = Buffer.from(city.poll.pollDigest.slice(2), 'hex')
  const digest = Ballot.digest(separator, { pollId, pollDigest, choice })
  const signature = Signature.sign(digest, Electorate.privateKey('city', voterIndex))
  const batch = Batch.encode([{ pollId, voterIndex, choice, signature }])
  const data = Contract.ballotBox.encodeFunctionData('castBatch', [batch])
  const transaction = await city.anvil.transact({ to: city.ballotBox, data })
  await mined(city.anvil, transaction)
  return { choice, evidence: `0x${signature.toString('hex')}`, transaction }
}

/** The voter sends another choice before the planned one. */
async function sendOther(city: City.City): Promise<Other> {
  const { pollId, voterIndex, choice: planned } = city.intent(TWICE)
  const choice = (planned + 1) % 3
  const wallet = new Wallet(`0x${Electorate.privateKey('city', voterIndex).toString('hex')}`)
  const args = [pollId, city.poll.pollDigest, voterIndex, choice]
  const data = Contract.ballotBox.encodeFunctionData('cast', args)
  const raw = await wallet.signTransaction({
    type: 0,
    chainId: Anvil.CHAIN_ID,
    nonce: 0,
    gasPrice: 0,
    gasLimit: 1_000_000,
    to: city.ballotBox,
    data,
  })
  const transaction = String(await city.anvil.request('eth_sendRawTransaction', raw))
  await mined(city.anvil, transaction)
  return { choice, evidence: raw, transaction }
}

function addressOf(voterIndex: number): Buffer {
  const wallet = new Wallet(`0x${Electorate.privateKey('city', voterIndex).toString('hex')}`)
  return Buffer.from(wallet.address.slice(2), 'hex')
}
