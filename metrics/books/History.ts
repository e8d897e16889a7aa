import { basename } from 'node:path'

import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'
import * as Acknowledgement from './Acknowledgement.ts'
import * as Answers from './Answers.ts'
import * as Attempts from './Attempts.ts'
import type { Findings } from './Findings.ts'
import * as AttemptWorkers from './AttemptWorkers.ts'
import * as Ledger from './Ledger.ts'
import { lines } from '../../scenarios/runtime/lines.ts'
import type { Problems } from './Problems.ts'

/** The generator's files; one that does not exist is empty. */
export type Files = {
  /** k6: each attempt and its answer. */
  attempts: string
  /** Probe: the same, of the few ballots that it cast. @default none */
  probeAttempts?: string | undefined
  /** Feeder: what left for k6. */
  handedOver: string
  /** Voters' resender, `direct` only. */
  resends?: string | undefined
}

/** The files of attempts in the order in which they are entered. */
export function attemptsFiles({ attempts, probeAttempts }: Files): string[] {
  return probeAttempts === undefined ? [attempts] : [attempts, probeAttempts]
}

export type Books = {
  ledger: Ledger.Ledger
  /** By what acknowledgements are checked. */
  acknowledgement: Acknowledgement.Options
  findings: Findings
  problems: Problems
  /** Why ballots were refused, by the number that the ledger holds less one; grows. */
  reasons: string[]
}

/** What comes when too many reasons have come already. */
const OTHER_REASONS = 'other reasons'

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
 * @returns how many last lines were torn by a killed writer; such a line is as if it never was. And
 * how long each of the probe's first attempts waited for its answer, in ms.
 */
export async function enter(
  books: Books,
  files: Files,
  hasBrokenOff: boolean,
): Promise<{ tornLineCount: number; probeAnswersMs: Float32Array }> {
  const ends = createEnds(hasBrokenOff ? undefined : books.problems)
  const all = attemptsFiles(files)
  const bases = Answers.basesOf(all)
  const probeAnswersMs: number[] = []
  const enterProbes: EnterAnswerMs = (_, answerMs) => void probeAnswersMs.push(answerMs)
  const enterK6s: EnterAnswerMs = (ballot, answerMs) => {
    books.ledger.answerMs[ballot] = answerMs
  }
  const torn = [
    await each(books, files.handedOver, ends, (text) => enterHandOver(books, text)),
    await enterAttempts(books, { file: all[0], base: bases[0], ends, enterAnswerMs: enterK6s }),
    await enterAttempts(books, { file: all[1], base: bases[1], ends, enterAnswerMs: enterProbes }),
    files.resends === undefined ? 0 : await enterResends(books, files.resends, ends),
  ]
  checkHandedOver(books)
  if (hasBrokenOff) doubtDeferred(books)
  return {
    tornLineCount: torn.reduce((sum, count) => sum + count, 0),
    probeAnswersMs: Float32Array.from(probeAnswersMs),
  }
}

/** Counts the lines of a file against what its writers say in their last ones. */
type Ends = {
  line(): void
  end(lineCount: number): void
  /** The file is at its end; the next one begins. */
  close(file: string): void
}

/** @param problems - takes what is missing; undefined where a writer was ended before its last line. */
function createEnds(problems: Problems | undefined): Ends {
  let [written, told, endCount] = [0, 0, 0]
  return {
    line: () => void (written += 1),
    end(lineCount) {
      told += lineCount
      endCount += 1
    },
    close(file) {
      const isWhole = endCount > 0 && told === written
      const example =
        endCount === 0 ? 'its end is missing' : `${written} of ${told} lines are there`
      if (!isWhole) problems?.add(`${basename(file)} is not whole`, example)
      written = told = endCount = 0
    },
  }
}

/** Each whole line; `take` says what is wrong with it. */
async function each(
  { problems }: Books,
  file: string,
  ends: Ends,
  take: (text: string) => string | undefined,
): Promise<number> {
  let isTorn = false
  for await (const batch of lines(file)) {
    for (const { text, number, isWhole } of batch) {
      if (!isWhole) isTorn = true
      const lineCount = HistoryLine.parseEnd(text)
      if (lineCount !== undefined) ends.end(lineCount)
      if (lineCount !== undefined || !isWhole) continue
      ends.line()
      const problem = take(text)
      if (problem === undefined) continue
      problems.add(`${basename(file)}: ${problem}`, `line ${number}: ${text.slice(0, 80)}`)
    }
  }
  ends.close(file)
  return Number(isTorn)
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

/** Takes how long a first attempt waited for its answer. */
type EnterAnswerMs = (ballot: number, answerMs: number) => void

/** A file of attempts: where its places begin, and who takes the times to the answers. */
type AttemptsFile = {
  file: string | undefined
  base: number | undefined
  ends: Ends
  enterAnswerMs: EnterAnswerMs
}

/** Enters the pages as they come: what takes long was done by the threads. */
async function enterAttempts(books: Books, of: AttemptsFile): Promise<number> {
  const { file, base = 0, ends, enterAnswerMs } = of
  if (file === undefined) return 0
  const pages = AttemptWorkers.pages(file, books.acknowledgement)
  for (;;) {
    const { value, done } = await pages.next()
    if (done === true) {
      ends.close(file)
      return Number(value.isTorn)
    }
    const page = { ...value, offsetBytes: base + value.offsetBytes }
    enterPage(books, page, { file: basename(file), ends, enterAnswerMs })
  }
}

function enterPage(
  books: Books,
  page: AttemptWorkers.Placed,
  { file, ends, enterAnswerMs }: Omit<AttemptsFile, 'file' | 'base'> & { file: string },
): void {
  const reasons = page.reasons.map((reason) => numberOf(books.reasons, reason))
  const remarks = page.remarks.values()
  let remark = remarks.next().value
  for (let row = 0; row * Attempts.COLUMNS < page.rows.length; row += 1) {
    const cells = page.rows.subarray(row * Attempts.COLUMNS, (row + 1) * Attempts.COLUMNS)
    const [ballot, lineCount = 0] = cells
    if (ballot === Attempts.END) {
      ends.end(lineCount)
      continue
    }
    ends.line()
    const remarked = remark?.row === row ? remark : undefined
    if (remarked !== undefined) remark = remarks.next().value
    const place = Answers.placeOf(page.offsetBytes + (cells[Attempts.COLUMN.offsetBytes] ?? 0))
    const reason = reasons[(cells[Attempts.COLUMN.reason] ?? 0) - 1] ?? 0
    const problem = enterAttempt(books, cells, { place, remark: remarked, reason, enterAnswerMs })
    if (problem === undefined) continue
    const example = remarked?.text ?? `ballot ${cells[Attempts.COLUMN.ballot]}`
    books.problems.add(`${file}: ${problem}`, `line ${page.lineCount + row + 1}: ${example}`)
  }
}

/** @returns what is wrong with the line. */
function enterAttempt(
  books: Books,
  cells: Float64Array,
  {
    place,
    remark,
    reason,
    enterAnswerMs,
  }: Pick<Answer, 'place' | 'remark'> & Pick<AttemptsFile, 'enterAnswerMs'> & { reason: number },
): string | undefined {
  const { ledger } = books
  const [ballot = -1, attempt = 0, plannedAtMs = NaN, sentAtMs = NaN, doneAtMs = NaN] = cells
  if (ballot === -1) return 'malformed line'
  const intendedAtMs = ledger.intendedAtMs[ballot]
  if (intendedAtMs === undefined) return 'ballot beyond the plan'
  if (attempt === 1) {
    ledger.lateMs[ballot] = Math.max(0, sentAtMs - intendedAtMs)
    enterAnswerMs(ballot, Math.max(0, doneAtMs - sentAtMs))
  }
  const status = cells[Attempts.COLUMN.status] ?? 0
  if (LATER.includes(status) && attempt < ledger.plan.voter.attemptsMax) {
    Ledger.mark(ledger, ballot, Ledger.STATE.DEFERRED)
  }
  const outcome = cells[Attempts.COLUMN.outcome] ?? Ledger.OUTCOME.none
  if (reason > 0) Ledger.setReason(ledger, ballot, reason)
  enterAnswer(books, { ballot, doneAtMs, status, outcome, remark, place })
  if (Math.abs(plannedAtMs - intendedAtMs) > 1) return 'another instant than the plan has'
  if (sentAtMs < intendedAtMs - CLOCK_TOLERANCE_MS) return 'sent before its instant'
  return doneAtMs < sentAtMs ? 'answered before it was sent' : undefined
}

/** The number of a reason in all files, 1 and up. */
function numberOf(reasons: string[], reason: string): number {
  const index = reasons.indexOf(reason)
  if (index !== -1) return index + 1
  if (reasons.length < Ledger.REASONS_MAX - 1) return reasons.push(reason)
  reasons[Ledger.REASONS_MAX - 1] = OTHER_REASONS
  return Ledger.REASONS_MAX
}

/** What the voters' resender was told; `direct` only, and rarely. */
async function enterResends(books: Books, file: string, ends: Ends): Promise<number> {
  const { ledger } = books
  const checker = Acknowledgement.createChecker(books.acknowledgement)
  const enterResend = (text: string): string | undefined => {
    const line = HistoryLine.parseResend(text)
    if (line === undefined) return 'malformed line'
    const { ballot, atMs: doneAtMs, status, body } = line
    if (ballot >= ledger.count) return 'ballot beyond the plan'
    Ledger.mark(ledger, ballot, Ledger.STATE.RESENT)
    const judged = Attempts.judge(checker, line)
    const remark = judged.flaw === undefined ? undefined : { row: 0, text: body, flaw: judged.flaw }
    enterAnswer(books, { ballot, doneAtMs, status, ...judged, remark, place: Answers.NOWHERE })
    return undefined
  }
  try {
    return await each(books, file, ends, enterResend)
  } finally {
    checker.close()
  }
}

/** Statuses after which a voter tries again: what k6 does (`RetryPolicy`). */
const LATER = [429, 503]

/** What came back for one attempt, resent or not. */
type Answer = {
  ballot: number
  doneAtMs: number
  status: number
  outcome: number
  /** What is wrong with an acknowledgement. */
  remark: Attempts.Remark | undefined
  place: number
}

function enterAnswer({ ledger, findings }: Books, answer: Answer): void {
  const { ballot, doneAtMs, status, outcome, remark, place } = answer
  const wasAcknowledged = Ledger.outcome(ledger, ballot) === Ledger.OUTCOME.acknowledged
  Ledger.raise(ledger, ballot, outcome)
  const answerMs = Math.max(0, doneAtMs - (ledger.intendedAtMs[ballot] ?? NaN))
  const knownMs = ledger.ackMs[ballot] ?? NaN
  const isAcknowledged = outcome === Ledger.OUTCOME.acknowledged
  // The first acknowledgement counts; before there is one, the last answer. NaN is less than nothing.
  const isLater = !(answerMs < knownMs)
  const isBest = isAcknowledged ? !wasAcknowledged || !isLater : !wasAcknowledged && isLater
  if (isBest) ledger.ackMs[ballot] = answerMs
  if (isBest && place !== Answers.NOWHERE) ledger.answerAt[ballot] = place
  if (remark?.flaw === undefined) return
  if (!Ledger.mark(ledger, ballot, Ledger.STATE.INVALID_RECEIPT)) return
  findings.add({
    kind: 'invalidReceipt',
    ...identify(ledger, ballot),
    message: `Ballot ${ballot} was acknowledged, but ${remark.flaw}.`,
    evidence: { status, body: remark.text, answeredAtMs: doneAtMs, flaw: remark.flaw },
  })
}

/** A refusal for now is no answer where the next attempt may have gone unrecorded. */
function doubtDeferred({ ledger }: Books): void {
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const isDeferred = Ledger.has(ledger, ballot, Ledger.STATE.DEFERRED)
    if (isDeferred) Ledger.raise(ledger, ballot, Ledger.OUTCOME.indeterminate)
  }
}

/** What left the feeder without an answer has an unknown fate; what did not leave has no answer. */
function checkHandedOver({ ledger, problems }: Books): void {
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const isHanded = Ledger.has(ledger, ballot, Ledger.STATE.HANDED)
    const isTold = Ledger.outcome(ledger, ballot) !== Ledger.OUTCOME.none
    if (isHanded && !isTold) Ledger.raise(ledger, ballot, Ledger.OUTCOME.indeterminate)
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
