import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { checkReceipts, type Options } from '../../../metrics/audit/checkReceipts.ts'
import type * as Receipts from '../../../metrics/audit/Receipts.ts'
import * as Voters from '../../../metrics/audit/Voters.ts'
import type { Ledger } from '../../../metrics/audit/walk.ts'
import type { Poll } from '../../../metrics/contracts/Decoder.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as PollText from '../../../scenarios/ballots/Poll.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as RecordedCity from '../RecordedCity.ts'
import { emptyLedger } from './emptyLedger.ts'

const KEY = Buffer.alloc(32, 3)
const SIGNER = Address.toHex(Address.fromPrivateKey(KEY))
const DOMAIN = { chainId: 8995, verifyingContract: `0x${'5f'.repeat(20)}` }
const SEALS_AT = 2000
const TEXT = { question: 'Which?', options: ['one', 'two', 'three'] }
/** Where the voter of the tests counts. */
const [BLOCK, VOTER, CHOICE] = [30, 4, 1]

let city: RecordedCity.RecordedCity
let voters: Voters.Voters
let poll: Poll
let ledger: Ledger

beforeAll(async () => {
  city = await RecordedCity.open('ballot-box')
})

afterAll(() => city.dispose())

/** One ballot counts, and the poll is sealed. */
beforeEach(async () => {
  voters = Voters.fromFile(city.registerFile)
  const pollDigest = `0x${PollText.digest(TEXT, voters.commitment).toString('hex')}`
  const register = `0x${'0'.repeat(40)}`
  const times = { opensAt: 1000, closesAt: 1500, sealsAt: SEALS_AT }
  poll = { pollId: 1, ...TEXT, binding: { pollDigest, register, slice: undefined, ...times } }
  ledger = emptyLedger({ fileVoters: voters })
  await ledger.polls.learn(poll, 1)
  ledger.chain = { ...ledger.chain, number: 50, timestamp: SEALS_AT + 1 }
  ledger.ballots.add(1, VOTER, { choice: CHOICE, block: BLOCK })
})

/** What a voter was promised. */
function promise(
  { voter = VOTER, choice = CHOICE, pollId = 1, sealsAt = SEALS_AT, key = KEY } = {},
  proof?: Receipts.Proof,
): Receipts.Kept {
  const pollDigest = Buffer.from(poll.binding?.pollDigest.slice(2) ?? '', 'hex')
  const digest = Ballot.digest(Ballot.domainSeparator(DOMAIN), { pollId, pollDigest, choice })
  const ballotHash = `0x${Ballot.hash(digest, voters.at(voter) ?? Buffer.alloc(20)).toString('hex')}`
  const receipt = Receipt.sign({ ballotHash, pollId, acceptedAtMs: 77, sealsAt }, key)
  return { file: 'kept.json', receipt, proof }
}

function check(kept: Receipts.Kept[], change: Partial<Options> = {}) {
  const checked = checkReceipts(ledger, {
    kept,
    domain: DOMAIN,
    signer: SIGNER,
    isSigned: true,
    ...change,
  })
  const states = Object.entries(checked.counts)
    .filter(([name, count]) => name !== 'count' && count > 0)
    .map(([name]) => name)
  return { ...checked, states, findings: ledger.findings.listed() }
}

describe('checkReceipts', () => {
  test('default: each receipt is in one state, and they add up', () => {
    const all = [promise(), promise({ voter: 5 }), promise({ choice: 2 }), promise({ sealsAt: 9 })]
    const { counts } = check(all)
    expect(counts).toEqual({
      count: 4,
      kept: 1,
      open: 0,
      signedTwice: 1,
      broken: 1,
      invalid: 1,
      unknown: 0,
    })
  })

  test('behavior: none', () => {
    expect(check([])).toMatchObject({ counts: { count: 0 }, signedTwice: [], findings: [] })
  })

  test('behavior: a ballot that is not there when the poll is sealed is lost, with all that proves it', () => {
    const kept = promise({ voter: 5 })
    const { states, findings } = check([kept])
    expect(states).toEqual(['broken'])
    expect(findings).toEqual([
      {
        kind: 'lost',
        pollId: 1,
        message:
          'The receipt in kept.json promises a ballot in poll 1; block 50 is past its sealing, and no block holds it.',
        evidence: {
          file: 'kept.json',
          ballotHash: kept.receipt.ballotHash,
          acceptedAtMs: 77,
          sealsAt: SEALS_AT,
          receiptSignature: kept.receipt.signature,
          lastBlock: 50,
          lastBlockHash: ledger.chain.hash,
          lastBlockTimestamp: SEALS_AT + 1,
        },
      },
    ])
  })

  test.each([
    [SEALS_AT - 1, 'open'],
    [SEALS_AT, 'open'],
    [SEALS_AT + 1, 'broken'],
  ])('boundary: at second %i the promise is %s', (timestamp, state) => {
    ledger.chain.timestamp = timestamp
    expect(check([promise({ voter: 5 })]).states).toEqual([state])
    expect(check([promise()]).states).toEqual(['kept'])
  })

  test('behavior: another sealing time than that of the chain makes it no receipt', () => {
    const { states, findings } = check([promise({ sealsAt: SEALS_AT + 1 })])
    expect(states).toEqual(['invalid'])
    expect(findings).toMatchObject([
      {
        kind: 'invalidReceipt',
        message: `The receipt in kept.json promises the ballot by ${SEALS_AT + 1}, the chain seals poll 1 at ${SEALS_AT}.`,
      },
    ])
  })

  test('behavior: another signer', () => {
    const key = Buffer.alloc(32, 9)
    const name = Address.toHex(Address.fromPrivateKey(key))
    const { states, findings } = check([promise({ key })])
    expect(states).toEqual(['invalid'])
    expect(findings).toMatchObject([
      {
        kind: 'invalidReceipt',
        message: `The receipt in kept.json is signed by ${name}, not by ${SIGNER}.`,
      },
    ])
  })

  test('behavior: where any signer is taken, somebody must have signed', () => {
    const kept = promise()
    expect(check([kept], { signer: undefined }).states).toEqual(['kept'])
    const unsigned = { ...kept, receipt: { ...kept.receipt, signature: `0x${'00'.repeat(65)}` } }
    const { states, findings } = check([unsigned], { signer: undefined })
    expect(states).toEqual(['invalid'])
    expect(findings[0]?.message).toBe('The receipt in kept.json is signed by nobody.')
  })

  test('behavior: nobody knows', async () => {
    // A loss, where the signer is not known.
    expect(check([promise({ voter: 5 })], { signer: undefined }).states).toEqual(['unknown'])
    // A poll that is not on the chain.
    expect(check([promise({ pollId: 9 })]).states).toEqual(['unknown'])
    // A block that was not shown may hold it.
    ledger.chain.brokenCount = 1
    expect(check([promise({ voter: 5 })]).states).toEqual(['unknown'])
    // Whose ballot has this hash.
    ledger = emptyLedger()
    await ledger.polls.learn(poll, 1)
    ledger.chain.timestamp = SEALS_AT + 1
    expect(check([promise({ voter: 5 })]).states).toEqual(['unknown'])
    expect(ledger.findings.count()).toBe(0)
  })

  test('behavior: another choice of the voter that counts is told, where only what is signed can count', () => {
    const kept = promise({ choice: 2 })
    const { signedTwice } = check([kept])
    expect(signedTwice).toEqual([
      {
        file: 'kept.json',
        ballotHash: kept.receipt.ballotHash,
        pollId: 1,
        voterIndex: VOTER,
        promisedChoice: 2,
        countedChoice: CHOICE,
        block: BLOCK,
      },
    ])
    expect(ledger.findings.count()).toBe(0)
    // Else it is the service that wrote another choice.
    expect(check([kept], { isSigned: false })).toMatchObject({
      states: ['broken'],
      signedTwice: [],
    })
  })

  test('behavior: ballots of several polls are told apart', async () => {
    await ledger.polls.learn({ ...poll, pollId: 2 }, 1)
    ledger.ballots.add(2, VOTER, { choice: 0, block: BLOCK + 1 })
    const kept = [promise(), promise({ pollId: 2, choice: 0 }), promise({ pollId: 2, choice: 1 })]
    expect(check(kept)).toMatchObject({
      counts: { kept: 2, signedTwice: 1 },
      signedTwice: [{ pollId: 2, promisedChoice: 1, countedChoice: 0, block: BLOCK + 1 }],
    })
  })

  describe('with a proof that the ballot was anchored', () => {
    const ballots = [VOTER, 5, 6].map((voterIndex) => ({ pollId: 1, voterIndex, choice: CHOICE }))
    const transaction = `0x${'7a'.repeat(32)}`
    const proof: Receipts.Proof = {
      pollId: 1,
      voterIndex: VOTER,
      choice: CHOICE,
      root: Anchor.root(ballots),
      siblings: Anchor.proof(ballots, 0),
      block: BLOCK,
      transaction,
    }

    beforeEach(() => {
      ledger.roots.set(proof.root, { block: BLOCK, transaction })
    })

    test('default: it leads from the ballot to a root on the chain', () => {
      const { states, findings } = check([promise({}, proof)], { isSigned: false })
      expect(states).toEqual(['kept'])
      expect(findings).toEqual([])
    })

    test.each<[string, Partial<Receipts.Proof>]>([
      ['another choice', { choice: 0 }],
      ['another poll', { pollId: 2 }],
      ['another voter', { voterIndex: 5, siblings: Anchor.proof(ballots, 1) }],
      ['another block', { block: BLOCK + 1 }],
      ['another transaction', { transaction: `0x${'7b'.repeat(32)}` }],
      ['a root that is nowhere', { root: Anchor.root(ballots.slice(0, 1)), siblings: [] }],
      ['a way that leads elsewhere', { siblings: [] }],
    ])('behavior: %s', (_, change) => {
      const { states, findings } = check([promise({}, { ...proof, ...change })], {
        isSigned: false,
      })
      expect(states).toEqual(['invalid'])
      expect(findings).toMatchObject([
        {
          kind: 'invalidReceipt',
          message: 'The proof in kept.json does not lead from this ballot to a root on the chain.',
        },
      ])
    })

    test('behavior: a ballot that counts otherwise, and the receipt of another one', () => {
      const other = [{ pollId: 1, voterIndex: VOTER, choice: 2 }]
      const [root, siblings] = [Anchor.root(other), Anchor.proof(other, 0)]
      ledger.roots.set(root, { block: BLOCK, transaction })
      const counted = { ...proof, root, siblings, choice: 2 }
      expect(check([promise({ choice: 2 }, counted)], { isSigned: false }).states).toEqual([
        'invalid',
      ])
      expect(check([promise({ voter: 5 }, proof)], { isSigned: false }).states).toEqual(['invalid'])
    })

    test('behavior: without the register the proof is enough', async () => {
      const { roots, ballots: counted } = ledger
      ledger = { ...emptyLedger(), roots, ballots: counted }
      await ledger.polls.learn(poll, 1)
      expect(check([promise({}, proof)], { isSigned: false }).states).toEqual(['kept'])
      const wrong = { ...proof, block: BLOCK + 1 }
      expect(check([promise({}, wrong)], { isSigned: false }).states).toEqual(['invalid'])
      const elsewhere = promise({ pollId: 2 }, proof)
      await ledger.polls.learn({ ...poll, pollId: 2 }, 1)
      expect(check([elsewhere], { isSigned: false }).states).toEqual(['invalid'])
    })
  })
})
