import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Findings from '../../../metrics/books/Findings.ts'
import * as History from '../../../metrics/books/History.ts'
import * as Ledger from '../../../metrics/books/Ledger.ts'
import * as Problems from '../../../metrics/books/Problems.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 6
const { OUTCOME, STATE } = Ledger
const { START_AT_MS } = Sandbox

let sandbox: Sandbox.Sandbox
let books: History.Books
beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
  const { planFolder, domain, polls, receiptSigner } = sandbox.options
  books = {
    ledger: Ledger.open(planFolder, START_AT_MS),
    acknowledgement: { planFolder, domain, polls, receiptSigner },
    findings: Findings.create(sandbox.options.findingsFile),
    problems: Problems.create(),
    reasons: [],
  }
})
afterEach(() => {
  books.findings.close()
  sandbox.dispose()
})

type Told = Partial<HistoryLine.Attempt> & { ballot: number }

/** On time, acknowledged after 20 ms unless told otherwise. */
function attempt({ ballot, ...change }: Told): string {
  const intendedAtMs = START_AT_MS + ballot * 10
  return HistoryLine.formatAttempt({
    ballot,
    attempt: 1,
    intendedAtMs,
    sentAtMs: intendedAtMs,
    doneAtMs: intendedAtMs + 20,
    status: 202,
    body: ballot < BALLOTS ? sandbox.receipt(ballot) : '{}',
    ...change,
  })
}

function handOver(first = 0, count = BALLOTS): string {
  return HistoryLine.formatHandOver({ first, count, atMs: START_AT_MS })
}

/** A later attempt with ballot 0, answered so long after the start. */
function at(doneAtMs: number, change: Partial<HistoryLine.Attempt> = {}): string {
  return attempt({ ballot: 0, attempt: 2, doneAtMs: START_AT_MS + doneAtMs, ...change })
}

/** What one writer of several leaves. */
function half(of: Told[]): string {
  return Sandbox.ended(of.map(attempt))
}

const ALL = Array.from({ length: BALLOTS }, (_, ballot) => ({ ballot }))

/** Enters attempts of k6, and what else there is. */
async function enter(
  attempts: readonly string[] = ALL.map(attempt),
  {
    handed = [handOver()],
    resends = [] as string[],
    probe = [] as string[],
    isBroken = false,
  } = {},
) {
  sandbox.history(attempts, handed, resends)
  const probeAttempts = join(sandbox.folder, 'probe.log')
  writeFileSync(probeAttempts, Sandbox.ended(probe))
  const files = { ...sandbox.options.historyFiles, probeAttempts }
  const told = await History.enter(books, files, isBroken)
  return { ...told, problems: books.problems.list() }
}

function outcomes(): number[] {
  return ALL.map(({ ballot }) => Ledger.outcome(books.ledger, ballot))
}

describe('enter', () => {
  test('default: what each voter was told, and when', async () => {
    const told = await enter([
      attempt({ ballot: 0, sentAtMs: START_AT_MS + 7, doneAtMs: START_AT_MS + 30 }),
      ...ALL.slice(1).map(attempt),
    ])
    expect(told).toEqual({ tornLineCount: 0, probeAnswersMs: new Float32Array(), problems: [] })
    expect(outcomes()).toEqual(ALL.map(() => OUTCOME.acknowledged))
    const { ledger } = books
    expect([ledger.lateMs[0], ledger.answerMs[0], ledger.ackMs[0]]).toEqual([7, 23, 30])
    expect(ALL.every(({ ballot }) => Ledger.has(ledger, ballot, STATE.HANDED))).toBe(true)
    expect(ledger.answerAt[0]).toBe(1)
  })

  test('behavior: answers of the probe are kept apart, and its ballots entered like others', async () => {
    const probe = [attempt({ ballot: 5, doneAtMs: START_AT_MS + 50 + 35 })]
    const { probeAnswersMs, problems } = await enter(ALL.slice(0, 5).map(attempt), { probe })
    expect([...probeAnswersMs]).toEqual([35])
    expect(problems).toEqual([])
    expect(outcomes()).toEqual(ALL.map(() => OUTCOME.acknowledged))
    expect(books.ledger.answerMs[5]).toBeNaN()
    // Its answer is found behind those of k6.
    expect(books.ledger.answerAt[5]).toBeGreaterThan(books.ledger.answerAt[4] ?? 0)
  })

  test('behavior: an answer from before the sending took no time', async () => {
    await enter([attempt({ ballot: 0, sentAtMs: START_AT_MS + 5, doneAtMs: START_AT_MS + 3 })])
    expect(books.ledger.answerMs[0]).toBe(0)
    expect(books.ledger.lateMs[0]).toBe(5)
  })

  test.each<[string, Told, string]>([
    [
      'another instant',
      { ballot: 3, intendedAtMs: START_AT_MS + 31.5 },
      'another instant than the plan has',
    ],
    ['sent early', { ballot: 3, sentAtMs: START_AT_MS + 24.5 }, 'sent before its instant'],
    ['answered early', { ballot: 3, doneAtMs: START_AT_MS + 29 }, 'answered before it was sent'],
    ['beyond the plan', { ballot: BALLOTS }, 'ballot beyond the plan'],
  ])('behavior: %s is a problem, told with its line', async (_, change, problem) => {
    const attempts = ALL.map((one) => attempt(one)).with(3, attempt(change))
    const { problems } = await enter(attempts)
    expect(problems).toContain(
      `attempts.log: ${problem} (1; first: line 4: ballot ${change.ballot})`,
    )
  })

  test.each<[string, Told]>([
    ['rounding of the instant', { ballot: 3, intendedAtMs: START_AT_MS + 31 }],
    ['a timer that fired early', { ballot: 3, sentAtMs: START_AT_MS + 25 }],
    ['an answer at once', { ballot: 3, doneAtMs: START_AT_MS + 30 }],
  ])('boundary: %s is none', async (_, change) => {
    const { problems } = await enter(ALL.map((one) => attempt(one)).with(3, attempt(change)))
    expect(problems).toEqual([])
  })

  test('behavior: malformed lines are told with their beginning', async () => {
    const { problems } = await enter(['x'.repeat(99), ...ALL.map(attempt), 'y'], {
      handed: [handOver(), 'z'.repeat(99)],
      resends: ['w'],
    })
    expect(problems).toEqual([
      `handed-over.log: malformed line (1; first: line 2: ${'z'.repeat(80)})`,
      `attempts.log: malformed line (2; first: line 1: ${'x'.repeat(80)})`,
      'resends.log: malformed line (1; first: line 1: w)',
    ])
  })

  test('behavior: hand-overs beyond the plan, and of one ballot twice', async () => {
    const { problems } = await enter(undefined, { handed: [handOver(), handOver(5, 2)] })
    expect(problems).toEqual([
      `handed-over.log: ballot beyond the plan (1; first: line 2: ${handOver(5, 2)})`,
    ])
    const twice = await enter([], { handed: [handOver(0, 1)] })
    expect(twice.problems.join()).toContain(
      'handed-over.log: ballot handed over twice (1; first: line 1',
    )
  })

  test('boundary: the last ballot of the plan may be handed over', async () => {
    const { problems } = await enter(undefined, { handed: [handOver(0, 5), handOver(5, 1)] })
    expect(problems).toEqual([])
  })

  test('behavior: attempted without a hand-over is a problem; handed over without an answer is open', async () => {
    const { problems } = await enter(ALL.slice(2).map(attempt), { handed: [handOver(0, 5)] })
    expect(problems).toEqual(['ballot attempted without a hand-over (1; first: ballot 5)'])
    expect(outcomes().slice(0, 3)).toEqual([
      OUTCOME.indeterminate,
      OUTCOME.indeterminate,
      OUTCOME.acknowledged,
    ])
    expect(Ledger.outcome(books.ledger, 5)).toBe(OUTCOME.acknowledged)
  })

  test('behavior: whoever was put off may have another attempt that nobody recorded, where k6 broke off', async () => {
    const later = { status: 429, body: '{"code":"LATER"}' }
    const attempts = [
      attempt({ ballot: 0, ...later }),
      attempt({ ballot: 1, ...later, status: 503 }),
      // The last of three: none comes after it.
      attempt({ ballot: 2, ...later, attempt: 3 }),
      attempt({ ballot: 3, ...later, attempt: 2 }),
      attempt({ ballot: 4, status: 403 }),
      attempt({ ballot: 5, ...later }),
      attempt({ ballot: 5, attempt: 2 }),
    ]
    await enter(attempts, { isBroken: true })
    const { refused, indeterminate, acknowledged } = OUTCOME
    expect(outcomes()).toEqual([
      indeterminate,
      indeterminate,
      refused,
      indeterminate,
      refused,
      acknowledged,
    ])
  })

  test('behavior: at its end k6 has recorded all, and who was put off is refused', async () => {
    await enter([attempt({ ballot: 0, status: 429, body: '{}' })])
    expect(outcomes()[0]).toBe(OUTCOME.refused)
  })

  test('behavior: the reason is that of the last refusal', async () => {
    await enter([
      attempt({ ballot: 0, status: 403, body: '{"code":"FIRST"}' }),
      attempt({ ballot: 0, status: 403, body: '{"code":"SECOND"}', attempt: 2 }),
      attempt({ ballot: 1, status: 403, body: '{"code":"FIRST"}' }),
    ])
    expect(books.reasons).toEqual(['FIRST', 'SECOND'])
    expect([0, 1, 2].map((ballot) => Ledger.reasonOf(books.ledger, ballot))).toEqual([2, 1, 0])
    expect(outcomes().slice(0, 2)).toEqual([OUTCOME.refused, OUTCOME.refused])
  })

  test('boundary: reasons beyond the fourteenth share the last place', async () => {
    books.reasons.push(...Array.from({ length: 13 }, (_, index) => `R${index}`))
    await enter([
      attempt({ ballot: 0, status: 403, body: '{"code":"A"}' }),
      attempt({ ballot: 1, status: 403, body: '{"code":"B"}' }),
      attempt({ ballot: 2, status: 403, body: '{"code":"C"}' }),
      attempt({ ballot: 3, status: 403, body: '{"code":"A"}' }),
    ])
    expect(books.reasons.slice(13)).toEqual(['A', 'other reasons'])
    expect([0, 1, 2, 3].map((ballot) => Ledger.reasonOf(books.ledger, ballot))).toEqual([
      14, 15, 15, 14,
    ])
  })

  test('behavior: the earliest acknowledgement counts; without one the last answer does', async () => {
    const refused = { status: 403, body: '{}' }
    await enter([at(50, refused), at(90, refused), at(70, refused)])
    expect(books.ledger.ackMs[0]).toBe(90)
    const place = books.ledger.answerAt[0]
    await enter([at(200), at(300), at(100), at(40, refused)])
    expect(books.ledger.ackMs[0]).toBe(100)
    expect(books.ledger.answerAt[0]).not.toBe(place)
    // It has no first attempt.
    expect(books.ledger.lateMs[0]).toBeNaN()
  })

  test('behavior: a false receipt is a finding, once for each ballot', async () => {
    const body = sandbox.receipt(1)
    await enter([attempt({ ballot: 0, body }), attempt({ ballot: 0, body, attempt: 2 })])
    expect(books.findings.listed()).toEqual([
      {
        kind: 'invalidReceipt',
        ballot: 0,
        pollId: 1,
        voterIndex: Sandbox.voterOf(0),
        message: 'Ballot 0 was acknowledged, but the receipt is for another ballot.',
        evidence: {
          status: 202,
          body,
          answeredAtMs: START_AT_MS + 20,
          flaw: 'the receipt is for another ballot',
        },
      },
    ])
    expect(outcomes()[0]).toBe(OUTCOME.indeterminate)
  })

  test('behavior: a flaw belongs to its own line', async () => {
    await enter([
      attempt({ ballot: 0 }),
      attempt({ ballot: 1, body: sandbox.receipt(2) }),
      'junk',
      attempt({ ballot: 2 }),
      attempt({ ballot: 3, body: '{}' }),
    ])
    expect(
      books.findings.listed().map(({ ballot, evidence }) => [ballot, evidence['flaw']]),
    ).toEqual([
      [1, 'the receipt is for another ballot'],
      [3, 'the answer holds no receipt'],
    ])
    expect(books.problems.list().join()).toContain('malformed line (1; first: line 3: junk)')
  })

  test('behavior: what the resender was told counts like an attempt, but for its place', async () => {
    const resend = (ballot: number, status: number, body: string): string =>
      HistoryLine.formatResend({ ballot, atMs: START_AT_MS + 500, status, body })
    const { problems } = await enter(ALL.slice(2).map(attempt), {
      resends: [
        resend(0, 202, sandbox.receipt(0)),
        resend(1, 202, sandbox.receipt(0)),
        resend(2, 403, '{"code":"X"}'),
        resend(BALLOTS, 202, ''),
      ],
    })
    expect(problems).toEqual([
      `resends.log: ballot beyond the plan (1; first: line 4: R ${BALLOTS} ${START_AT_MS + 500} 202 )`,
    ])
    const { ledger } = books
    expect([0, 1, 2, 3].map((ballot) => Ledger.has(ledger, ballot, STATE.RESENT))).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(outcomes().slice(0, 3)).toEqual([
      OUTCOME.acknowledged,
      OUTCOME.indeterminate,
      OUTCOME.acknowledged,
    ])
    expect([ledger.ackMs[0], ledger.answerAt[0]]).toEqual([500, 0])
    expect(books.findings.listed()).toMatchObject([{ kind: 'invalidReceipt', ballot: 1 }])
  })

  test('behavior: several writers of one file say each how much they wrote', async () => {
    sandbox.history([], [])
    const { attempts, handedOver } = sandbox.options.historyFiles
    writeFileSync(attempts, half(ALL.slice(0, 2)) + half(ALL.slice(2)))
    writeFileSync(handedOver, Sandbox.ended([handOver(0, 3)]) + Sandbox.ended([handOver(3, 3)]))
    await History.enter(books, { attempts, handedOver }, false)
    expect(books.problems.list()).toEqual([])
    writeFileSync(attempts, half(ALL.slice(0, 2)) + HistoryLine.formatEnd(3) + '\n')
    await History.enter(books, { attempts, handedOver }, false)
    expect(books.problems.list()).toContain(
      'attempts.log is not whole (1; first: 2 of 5 lines are there)',
    )
  })

  test('behavior: torn last lines are counted, file by file', async () => {
    sandbox.history(ALL.map(attempt), [handOver()])
    const files = sandbox.options.historyFiles
    for (const file of [files.attempts, files.handedOver]) {
      writeFileSync(file, 'A 1', { flag: 'a' })
    }
    expect((await History.enter(books, files, false)).tornLineCount).toBe(2)
    expect(books.problems.list()).toEqual([])
  })
})
