import { describe, expect, test } from 'vitest'

import * as Admission from '../../../chain/api/Admission.ts'
import type * as Backlog from '../../../chain/api/Backlog.ts'
import type * as Polls from '../../../chain/api/Polls.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as City from './city.ts'

const NOW_S = 1_000_000

const { pollDigest, ...poll } = City.poll(1, NOW_S)
const separator = Ballot.domainSeparator(City.DOMAIN)
const known: Polls.Known = {
  poll: {
    ...poll,
    options: [...poll.options],
    pollDigest: `0x${Buffer.from(pollDigest).toString('hex')}`,
  },
  digests: [0, 1, 2].map((choice) => Ballot.digest(separator, { pollId: 1, pollDigest, choice })),
}

const reading: Backlog.Reading = {
  readAtMs: NOW_S * 1000,
  ballots: 0,
  oldestAgeMs: 0,
  finalPerS: 0,
}

const CONTEXT: Admission.AdmissionContext = {
  nowMs: NOW_S * 1000,
  reading,
  isQueueFull: false,
  blockTimeMs: 1000,
  record: 'chain',
  register: { at: (index) => (index < 10 ? Address.fromPrivateKey(City.key(index)) : undefined) },
  receiptKey: City.RECEIPT_KEY,
}

function admit(body: Admission.Body, over: Partial<Admission.AdmissionContext> = {}) {
  return Admission.admit(body, known, { ...CONTEXT, ...over })
}

const admitAt = (nowMs: number) =>
  admit(ballot, { nowMs, reading: { ...reading, readAtMs: nowMs } })

const ballot = City.ballot(1, 3, 2)
const fullBacklog = { ...reading, ballots: 1_000_000 }

describe('admit', () => {
  test('default', () => {
    const entry = admit(ballot)
    if (typeof entry === 'string') throw new Error(entry)
    expect(entry).toMatchObject({
      pollId: 1,
      voterIndex: 3,
      choice: 2,
      acceptedAtMs: 1_000_000_000,
    })
    const receipt: Receipt.Receipt = {
      ballotHash: `0x${entry.ballotHash.toString('hex')}`,
      pollId: 1,
      acceptedAtMs: entry.acceptedAtMs,
      sealsAt: poll.sealsAt,
      signature: `0x${entry.receiptSignature.toString('hex')}`,
    }
    expect(Receipt.signer(receipt)).toEqual(Address.fromPrivateKey(City.RECEIPT_KEY))
    expect(entry.ballotHash).toEqual(
      Ballot.hash(
        Ballot.digest(separator, { pollId: 1, pollDigest, choice: 2 }),
        Address.fromPrivateKey(City.key(3)),
      ),
    )
  })

  test('behavior: the last accepted instant is just before closesAt', () => {
    const closesAtMs = poll.closesAt * 1000
    expect(admitAt(closesAtMs - 1)).toBeTypeOf('object')
    expect(admitAt(closesAtMs)).toBe('POLL_CLOSED')
    expect(admitAt(poll.opensAt * 1000)).toBeTypeOf('object')
    expect(admitAt(poll.opensAt * 1000 - 1)).toBe('POLL_NOT_OPEN')
  })

  test.each([
    ['DATABASE_UNREACHABLE', { reading: undefined }],
    ['DATABASE_UNREACHABLE', { reading: { ...reading, readAtMs: NOW_S * 1000 - 3001 } }],
    ['BACKLOG', { reading: fullBacklog }],
    ['OVERLOADED', { isQueueFull: true }],
  ])('error: %s', (code, context) => {
    expect(admit(ballot, context)).toBe(code)
  })

  test.each([
    ['CHOICE_OUT_OF_RANGE', { ...ballot, choice: 3 }],
    ['SIGNATURE_INVALID', { ...ballot, choice: 1 }],
    ['SIGNATURE_INVALID', { ...ballot, voter: City.ballot(1, 4, 2).voter }],
    ['SIGNATURE_INVALID', { ...ballot, signature: `0x${'00'.repeat(65)}` }],
    ['SIGNATURE_INVALID', City.ballot(2, 3, 2)],
    ['VOTER_NOT_REGISTERED', { ...ballot, voterIndex: 4 }],
    ['VOTER_NOT_REGISTERED', { ...ballot, voterIndex: 10 }],
  ])('error: %s', (code, body) => {
    expect(admit(body)).toBe(code)
  })

  test('behavior: a voter outside of the poll’s slice of the register has no ballot in it', () => {
    const within = { ...known, poll: { ...known.poll, slice: { firstVoter: 3, voterCount: 1 } } }
    const outside = { ...known, poll: { ...known.poll, slice: { firstVoter: 4, voterCount: 6 } } }
    expect(Admission.admit(ballot, within, CONTEXT)).toBeTypeOf('object')
    expect(Admission.admit(ballot, outside, CONTEXT)).toBe('VOTER_NOT_REGISTERED')
  })

  test('behavior: the signature is kept where the chain will check it, and only there', () => {
    expect(admit(ballot, { record: 'chain' })).toMatchObject({
      signature: Buffer.from(ballot.signature.slice(2), 'hex'),
    })
    expect(admit(ballot, { record: 'database' })).toMatchObject({ signature: undefined })
  })

  test('behavior: a ballot that reaches the chain in the sealing second is let in, one later is not', () => {
    // After an empty outbox it takes two blocks.
    const nowMs = poll.closesAt * 1000 - 2
    const blockTimeMs = (poll.sealsAt * 1000 - nowMs) / 2
    const context = { nowMs, reading: { ...reading, readAtMs: nowMs } }
    expect(admit(ballot, { ...context, blockTimeMs })).toBeTypeOf('object')
    expect(admit(ballot, { ...context, blockTimeMs: blockTimeMs + 1 })).toBe('BACKLOG')
  })

  test('behavior: the cheaper question is asked first', () => {
    const wrong = { ...ballot, choice: 3 }
    const closed = (poll.closesAt + 1) * 1000
    const worst = {
      nowMs: closed,
      reading: { ...fullBacklog, readAtMs: closed },
      isQueueFull: true,
    }
    expect(admit(wrong, worst)).toBe('POLL_CLOSED')
    expect(admit(wrong, { reading: fullBacklog, isQueueFull: true })).toBe('BACKLOG')
    expect(admit(wrong, { isQueueFull: true })).toBe('OVERLOADED')
  })
})
