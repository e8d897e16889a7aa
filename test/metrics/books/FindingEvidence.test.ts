import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Answers from '../../../metrics/books/Answers.ts'
import * as FindingEvidence from '../../../metrics/books/FindingEvidence.ts'
import * as Ledger from '../../../metrics/books/Ledger.ts'
import * as Stored from '../../../metrics/books/Stored.ts'
import type { Finding, FindingKind, Link } from '../../../metrics/Run.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as RecordedCity from '../RecordedCity.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 5
const { OUTCOME, STATE } = Ledger
/** The ballot of the tests, and what its voter signed. */
const [BALLOT, CHOICE] = [2, 2]

let sandbox: Sandbox.Sandbox
let ledger: Ledger.Ledger
let opened: FindingEvidence.FindingEvidence | undefined

beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
  ledger = Ledger.open(sandbox.options.planFolder, Sandbox.START_AT_MS)
})

afterEach(() => {
  opened?.close()
  opened = undefined
  sandbox.dispose()
})

function open(change: Partial<FindingEvidence.Options> = {}): FindingEvidence.FindingEvidence {
  opened = FindingEvidence.open({
    ledger,
    planFolder: sandbox.options.planFolder,
    attemptsFiles: [sandbox.options.historyFiles.attempts],
    domain: Sandbox.DOMAIN,
    polls: sandbox.options.polls,
    stored: undefined,
    witness: 'chain',
    ...change,
  })
  return opened
}

/** A database that holds this of the ballot; of ballots that nobody planned, those of `unplanned`. */
function stored(
  choice: number,
  unplanned: [string, number][] = [],
  hasAllUnplanned = true,
): Stored.Stored {
  const choices = new Uint8Array(BALLOTS).fill(Stored.NONE)
  choices[BALLOT] = choice
  return { choices, unplanned: new Map(unplanned), hasAllUnplanned }
}

function finding(kind: FindingKind): Finding {
  return { kind, ballot: BALLOT, message: 'It is wrong.', evidence: { own: 1 } }
}

describe('complete', () => {
  test('default: the ballot as it was signed, with all that its signature is checked against', () => {
    expect(open().complete(finding('lost'))).toEqual({
      kind: 'lost',
      ballot: BALLOT,
      message: 'It is wrong.',
      evidence: {
        own: 1,
        voter: Address.toHex(Sandbox.addressOf(BALLOT)),
        signedChoice: CHOICE,
        signature: expect.stringMatching(/^0x[0-9a-f]{130}$/),
        pollDigest: `0x${Sandbox.POLL_DIGEST.toString('hex')}`,
        chainId: 8995,
        verifyingContract: `0x${'5f'.repeat(20)}`,
      },
    })
  })

  test('behavior: of a poll that nobody knows there is no digest', () => {
    expect(open({ polls: [] }).complete(finding('lost')).evidence).not.toHaveProperty('pollDigest')
  })

  test('behavior: what the voter was told, but where the finding has it already', () => {
    const times = { intendedAtMs: 1, sentAtMs: 2, doneAtMs: Sandbox.START_AT_MS + 77 }
    const line = { ballot: BALLOT, attempt: 1, ...times, status: 202, body: 'yes' }
    sandbox.history([HistoryLine.formatAttempt(line)], [])
    ledger.answerAt[BALLOT] = Answers.placeOf(0)
    const told = { answeredAtMs: times.doneAtMs, status: 202, answer: 'yes' }
    const evidence = open()
    expect(evidence.complete(finding('lost')).evidence).toMatchObject(told)
    expect(evidence.complete(finding('invalidReceipt')).evidence).not.toHaveProperty('answer')
    ledger.answerAt[BALLOT] = Answers.NOWHERE
    expect(evidence.complete(finding('lost')).evidence).not.toHaveProperty('answer')
  })

  test.each<[string, number, boolean, string]>([
    ['nothing', Stored.NONE, false, 'does not hold it'],
    ['the ballot', CHOICE, false, 'holds it'],
    ['it twice', CHOICE, true, 'holds it more than once'],
    ['another choice', 0, false, 'holds choice 0'],
    ['another one twice', 1, true, 'holds choice 1 more than once'],
  ])('behavior: a database that holds %s', (_, choice, isTwice, database) => {
    if (isTwice) Ledger.mark(ledger, BALLOT, STATE.STORED_TWICE)
    const { evidence } = open({ stored: stored(choice) }).complete(finding('lost'))
    expect(evidence['database']).toBe(database)
  })

  const FIRST: Link = 'voter and database'
  const SECOND: Link = 'database and chain'

  test.each<[string, number, number, Link]>([
    ['acknowledged, there', OUTCOME.acknowledged, CHOICE, SECOND],
    ['acknowledged, missing', OUTCOME.acknowledged, Stored.NONE, FIRST],
    ['acknowledged, another choice', OUTCOME.acknowledged, 0, FIRST],
    ['indeterminate, there', OUTCOME.indeterminate, CHOICE, SECOND],
    ['indeterminate, missing', OUTCOME.indeterminate, Stored.NONE, SECOND],
    ['indeterminate, another choice', OUTCOME.indeterminate, 0, FIRST],
    ['refused, there', OUTCOME.refused, CHOICE, FIRST],
    ['refused, missing', OUTCOME.refused, Stored.NONE, SECOND],
    ['never sent, there', OUTCOME.none, CHOICE, FIRST],
    ['never sent, missing', OUTCOME.none, Stored.NONE, SECOND],
  ])('behavior: where the way broke: %s', (_, outcome, choice, link) => {
    Ledger.raise(ledger, BALLOT, outcome)
    const evidence = open({ stored: stored(choice) })
    for (const kind of ['lost', 'altered', 'duplicated', 'unexpected'] as const) {
      expect(evidence.complete(finding(kind)).brokenBetween).toBe(link)
    }
    // The others are about nodes, receipts or sums.
    for (const kind of ['invalidReceipt', 'finalityBroken', 'contradiction'] as const) {
      expect(evidence.complete(finding(kind))).not.toHaveProperty('brokenBetween')
    }
  })

  test('behavior: what is stored twice broke before the database', () => {
    Ledger.raise(ledger, BALLOT, OUTCOME.acknowledged)
    Ledger.mark(ledger, BALLOT, STATE.STORED_TWICE)
    const evidence = open({ stored: stored(CHOICE) })
    expect(evidence.complete(finding('duplicated')).brokenBetween).toBe(FIRST)
  })

  test('behavior: without a database nobody can tell; where it is the witness there is one link', () => {
    expect(open().complete(finding('lost'))).not.toHaveProperty('brokenBetween')
    opened?.close()
    expect(open({ witness: 'database' }).complete(finding('lost')).brokenBetween).toBe(FIRST)
  })

  describe('of a ballot that nobody planned', () => {
    const unplanned: Finding = {
      kind: 'unexpected',
      pollId: 1,
      voterIndex: 7,
      message: 'It is wrong.',
      evidence: { own: 1 },
    }

    test.each<[string, Partial<FindingEvidence.Options>, Link | undefined, string | undefined]>([
      ['no database', {}, undefined, undefined],
      ['the database is the witness', { witness: 'database' }, FIRST, undefined],
      ['the database holds it', { stored: stored(0, [['1/7', 2]]) }, FIRST, 'holds choice 2'],
      ['it holds others', { stored: stored(0, [['1/8', 2]]) }, SECOND, 'does not hold it'],
      ['it holds too many to tell', { stored: stored(0, [], false) }, undefined, undefined],
      [
        'it holds many, and this one',
        { stored: stored(0, [['1/7', 0]], false) },
        FIRST,
        'holds choice 0',
      ],
    ])('behavior: %s', (_, options, link, database) => {
      expect(open(options).complete(unplanned)).toEqual({
        ...unplanned,
        ...(link !== undefined && { brokenBetween: link }),
        evidence: { own: 1, ...(database !== undefined && { database }) },
      })
    })

    test('behavior: findings about something else stay as they are', () => {
      const evidence = open({ stored: stored(0) })
      const others: Finding[] = [
        { kind: 'tallyMismatch', pollId: 1, message: 'x', evidence: {} },
        { kind: 'finalityBroken', pollId: 1, voterIndex: 7, message: 'x', evidence: {} },
        { kind: 'unexpected', pollId: 1, message: 'x', evidence: {} },
        { kind: 'unexpected', voterIndex: 7, message: 'x', evidence: {} },
      ]
      expect(others.map((one) => evidence.complete(one))).toEqual(others)
    })
  })
})

describe('voterOf', () => {
  test('default: whose ballot it is, by its record', () => {
    expect(Buffer.from(open().voterOf(3))).toEqual(Sandbox.addressOf(3))
  })
})

describe('of voters’ own transactions', () => {
  test('behavior: the signed transaction is the evidence, and its sender the voter', async () => {
    const city = await RecordedCity.open('direct')
    try {
      const planFolder = `${city.folder}/plan`
      const evidence = FindingEvidence.open({
        ledger: Ledger.open(planFolder, city.startAtMs),
        planFolder,
        attemptsFiles: [],
        domain: { chainId: city.facts.chainId, verifyingContract: city.ballotBox },
        polls: [city.poll],
        stored: undefined,
        witness: 'chain',
      })
      const voter = Address.fromPrivateKey(
        Electorate.privateKey(city.facts.seed, city.intent(0).voterIndex),
      )
      expect(Buffer.from(evidence.voterOf(0))).toEqual(voter)
      const { evidence: told } = evidence.complete({ ...finding('lost'), ballot: 0 })
      evidence.close()
      expect(told).toEqual({
        own: 1,
        signedChoice: city.intent(0).choice,
        signedTransaction: expect.stringMatching(/^0xf8[0-9a-f]+$/),
      })
    } finally {
      await city.dispose()
    }
  })
})
