import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Acknowledgement from '../../../metrics/books/Acknowledgement.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import { BODY_LENGTH_MAX } from '../../../scenarios/load/HistoryLine.ts'
import * as RecordedCity from '../RecordedCity.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 5

let sandbox: Sandbox.Sandbox
const opened: Acknowledgement.Checker[] = []

beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
})
afterEach(() => {
  for (const checker of opened.splice(0)) checker.close()
  sandbox.dispose()
})

function create(change: Partial<Acknowledgement.Options> = {}): Acknowledgement.Checker {
  const { planFolder, domain, polls, receiptSigner } = sandbox.options
  const checker = Acknowledgement.createChecker({
    planFolder,
    domain,
    polls,
    receiptSigner,
    ...change,
  })
  opened.push(checker)
  return checker
}

/** What a checker says of a receipt with this in place of the right thing. */
function check(ballot: number, body: string, change: Partial<Acknowledgement.Options> = {}) {
  return create(change).check(ballot, body)
}

describe('check', () => {
  test('default: the receipt of each ballot is good for that ballot', () => {
    const checker = create()
    expect(checker).toMatchObject({ path: 'api', ballotCount: BALLOTS })
    for (let ballot = 0; ballot < BALLOTS; ballot += 1) {
      expect(checker.check(ballot, sandbox.receipt(ballot))).toBeUndefined()
    }
  })

  test('behavior: one of another ballot', () => {
    expect(check(0, sandbox.receipt(1))).toBe('the receipt is for another ballot')
    // The same choice, and another voter.
    expect(check(0, sandbox.receipt(3))).toBe('the receipt is for another ballot')
    expect(check(0, sandbox.receipt(0), { domain: { ...Sandbox.DOMAIN, chainId: 1 } })).toBe(
      'the receipt is for another ballot',
    )
  })

  test('behavior: one that names another poll, or of a poll that nobody knows', () => {
    expect(check(0, sandbox.receipt(0, { pollId: 2 }))).toBe('the receipt is for another poll')
    expect(check(0, sandbox.receipt(0), { polls: [] })).toMatch(/^the receipt is for another/)
  })

  test('behavior: one that promises another sealing time, where the poll has one', () => {
    const body = sandbox.receipt(0, { sealsAt: Sandbox.SEALS_AT + 1 })
    expect(check(0, body)).toBe(
      `the receipt names ${Sandbox.SEALS_AT + 1} as the sealing time, the chain ${Sandbox.SEALS_AT}`,
    )
    const polls = sandbox.options.polls.map((poll) => ({ ...poll, sealsAt: undefined }))
    expect(check(0, body, { polls })).toBeUndefined()
  })

  test('behavior: one that another key signed, and one that nobody did', () => {
    const key = Buffer.alloc(32, 9)
    const name = Address.toHex(Address.fromPrivateKey(key))
    expect(check(0, sandbox.receipt(0, {}, key))).toBe(`the receipt is signed by ${name}`)
    const unsigned = sandbox
      .receipt(0)
      .replace(/"signature":"0x[0-9a-f]+"/, `"signature":"0x${'00'.repeat(65)}"`)
    expect(check(0, unsigned)).toBe('the signature of the receipt is not valid')
    const other = Address.toHex(Address.fromPrivateKey(Sandbox.RECEIPT_KEY))
    expect(check(0, sandbox.receipt(0), { receiptSigner: undefined })).toBe(
      `the receipt is signed by ${other}`,
    )
  })

  test.each(['', '{}', '[]', 'null', '{"receipt":{}}', '{"receipt":'])(
    'behavior: %j holds no receipt',
    (body) => {
      expect(check(0, body)).toBe('the answer holds no receipt')
    },
  )

  test('boundary: an answer whose end was not kept', () => {
    const cut = `the answer has ${BODY_LENGTH_MAX} characters or more, and its end was not kept`
    expect(check(0, 'x'.repeat(BODY_LENGTH_MAX - 1))).toBe('the answer holds no receipt')
    expect(check(0, 'x'.repeat(BODY_LENGTH_MAX))).toBe(cut)
    // A receipt in it is read all the same.
    const body = sandbox.receipt(0) + ' '.repeat(BODY_LENGTH_MAX)
    expect(check(0, body)).toBeUndefined()
  })

  test('behavior: ballots of a large spool are found wherever they lie, in any order', () => {
    const large = Sandbox.create(18 * 1024)
    const checker = Acknowledgement.createChecker({
      ...large.options,
      receiptSigner: large.options.receiptSigner,
    })
    try {
      // More chunks than are kept, back and forth, and both ends of one.
      const chunks = Array.from({ length: 18 }, (_, chunk) => chunk * 1024)
      const ballots = [...chunks, ...chunks.toReversed(), 1023, 1024, 18 * 1024 - 1]
      for (const ballot of ballots) {
        expect(checker.check(ballot, large.receipt(ballot))).toBeUndefined()
      }
    } finally {
      checker.close()
      large.dispose()
    }
  })

  test('behavior: over rpc the hash must be that of the voter’s own transaction', async () => {
    const city = await RecordedCity.open('direct')
    const checker = Acknowledgement.createChecker({
      planFolder: `${city.folder}/plan`,
      domain: Sandbox.DOMAIN,
      polls: [],
      receiptSigner: undefined,
    })
    try {
      expect(checker).toMatchObject({ path: 'rpc', ballotCount: 24 })
      expect(checker.check(3, city.answer(3).body)).toBeUndefined()
      const { result } = JSON.parse(city.answer(3).body)
      expect(checker.check(3, city.answer(4).body)).toBe(`the hash of the transaction is ${result}`)
      expect(checker.check(3, '{"error":{"message":"already known"}}')).toBeUndefined()
      expect(checker.check(3, '{"result":')).toBeUndefined()
    } finally {
      checker.close()
      await city.dispose()
    }
  })
})
