import { basename } from 'node:path'

import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'
import * as Outcome from '../../scenarios/load/Outcome.ts'
import type * as Acknowledgement from './Acknowledgement.ts'
import type { Findings } from './Findings.ts'
import * as Ledger from './Ledger.ts'
import { lines } from './lines.ts'
import type { Problems } from './Problems.ts'

/** The generator's files; one that does not exist is empty. */
export type Files = {
  /** k6: each attempt and its answer. */
  attempts: string
  /** Feeder: what left for k6. */
  handedOver: string
  /** Voters' resender, `direct` only. */
  resends?: string | undefined
}

export type Books = {
  ledger: Ledger.Ledger
  checker: Acknowledgement.Checker
  findings: Findings
  problems: Problems
}

/**
 * Instants differ by rounding alone; and a timer of k6 may fire early by less than its clock's
 * step. Anything beyond is a clock that was set, or two plans mixed up.
 */
export const CLOCK_TOLERANCE_MS = 5

/**
 * Enters what each voter was told.
 *
 * @param hasBrokenOff - whether k6 was ended before it was done: then a voter who was put off may
 * have had another attempt under way that nobody recorded.
 * @returns how many last lines were torn by a killed writer; such a line is as if it never was.
 */
export async function enter(
  books: Books,
  files: Files,
  hasBrokenOff: boolean,
): Promise<{ tornLineCount: number }> {
  const torn = [
    await each(books, files.handedOver, (text) => enterHandOver(books, text)),
    await each(books, files.attempts, (text) => enterAttempt(books, text)),
    files.resends === undefined
      ? 0
      : await each(books, files.resends, (text) => enterResend(books, text)),
  ]
  checkHandedOver(books)
  if (hasBrokenOff) doubtPutOff(books)
  return { tornLineCount: torn.reduce((sum, count) => sum + count, 0) }
}

/** Each whole line; `take` says what is wrong with it. */
async function each(
  { problems }: Books,
  file: string,
  take: (text: string) => string | undefined,
): Promise<number> {
  for await (const batch of lines(file)) {
    for (const { text, number, isWhole } of batch) {
      if (!isWhole) return 1
      const problem = take(text)
      if (problem === undefined) continue
      problems.add(`${basename(file)}: ${problem}`, `line ${number}: ${text.slice(0, 80)}`)
    }
  }
  return 0
}

function enterHandOver({ ledger }: Books, text: string): string | undefined {
  const line = HistoryLine.parseHandOver(text)
  if (line === undefined) return 'malformed line'
  if (line.first + line.count > ledger.count) return 'ballot beyond the plan'
  for (let ballot = line.first; ballot < line.first + line.count; ballot += 1) {
    if (!Ledger.mark(ledger, ballot, Ledger.STATE.HANDED)) return 'ballot handed over twice'
  }
  return undefined
}

function enterAttempt(books: Books, text: string): string | undefined {
  const { ledger } = books
  const line = HistoryLine.parseAttempt(text)
  if (line === undefined) return 'malformed line'
  const { ballot, sentAtMs, doneAtMs } = line
  const intendedAtMs = ledger.intendedAtMs[ballot]
  if (intendedAtMs === undefined) return 'ballot beyond the plan'
  if (line.attempt === 1) {
    ledger.lateMs[ballot] = Math.max(0, sentAtMs - intendedAtMs)
    ledger.answerMs[ballot] = Math.max(0, doneAtMs - sentAtMs)
  }
  if (LATER.includes(line.status) && line.attempt < ledger.plan.voter.attemptsMax) {
    Ledger.mark(ledger, ballot, Ledger.STATE.PUT_OFF)
  }
  judge(books, line)
  if (Math.abs(line.intendedAtMs - intendedAtMs) > 1) return 'another instant than the plan has'
  if (sentAtMs < intendedAtMs - CLOCK_TOLERANCE_MS) return 'sent before its instant'
  return doneAtMs < sentAtMs ? 'answered before it was sent' : undefined
}

function enterResend(books: Books, text: string): string | undefined {
  const line = HistoryLine.parseResend(text)
  if (line === undefined) return 'malformed line'
  if (line.ballot >= books.ledger.count) return 'ballot beyond the plan'
  Ledger.mark(books.ledger, line.ballot, Ledger.STATE.RESENT)
  judge(books, { ...line, doneAtMs: line.atMs })
  return undefined
}

/** Statuses after which a voter tries again: what k6 does (`Patience`). */
const LATER = [429, 503]

/** What came back for one attempt, resent or not. */
type Answer = { ballot: number; doneAtMs: number; status: number; body: string }

function judge(books: Books, answer: Answer): void {
  const { ledger, findings } = books
  const { ballot, status, body } = answer
  const claimed = Outcome.ofAttempt(ledger.plan.path, status, body)
  if (claimed !== 'ok') return Ledger.raise(ledger, ballot, Ledger.OUTCOME[claimed])
  const flaw = books.checker.check(ballot, body)
  if (flaw === undefined) {
    Ledger.raise(ledger, ballot, Ledger.OUTCOME.ok)
    const ackMs = Math.max(0, answer.doneAtMs - (ledger.intendedAtMs[ballot] ?? NaN))
    // NaN, "not yet", is not less than anything.
    if (!((ledger.ackMs[ballot] ?? NaN) <= ackMs)) ledger.ackMs[ballot] = ackMs
    return
  }
  // Nobody knows what became of it: it may count once, never twice.
  Ledger.raise(ledger, ballot, Ledger.OUTCOME.info)
  if (!Ledger.mark(ledger, ballot, Ledger.STATE.INVALID_RECEIPT)) return
  findings.add({
    kind: 'invalidReceipt',
    ...identify(ledger, ballot),
    message: `Ballot ${ballot} was acknowledged, but ${flaw}.`,
    evidence: { status, body, answeredAtMs: answer.doneAtMs, flaw },
  })
}

/** A refusal for now is no answer where the next attempt may have gone unrecorded. */
function doubtPutOff({ ledger }: Books): void {
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const isPutOff = Ledger.has(ledger, ballot, Ledger.STATE.PUT_OFF)
    if (isPutOff) Ledger.raise(ledger, ballot, Ledger.OUTCOME.info)
  }
}

/** What left the feeder without an answer has an unknown fate; what did not leave has no answer. */
function checkHandedOver({ ledger, problems }: Books): void {
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const isHanded = Ledger.has(ledger, ballot, Ledger.STATE.HANDED)
    const isTold = Ledger.outcome(ledger, ballot) !== Ledger.OUTCOME.none
    if (isHanded && !isTold) Ledger.raise(ledger, ballot, Ledger.OUTCOME.info)
    if (!isHanded && isTold) {
      problems.add('ballot attempted without a hand-over', `ballot ${ballot}`)
    }
  }
}

/** The fields by which a finding names a planned ballot. */
export function identify(
  ledger: Ledger.Ledger,
  ballot: number,
): { ballot: number; pollId: number; voterIndex: number } {
  const pollId = ledger.plan.polls[ledger.poll[ballot] ?? 0]?.pollId ?? 0
  return { ballot, pollId, voterIndex: ledger.voterIndex[ballot] ?? 0 }
}
