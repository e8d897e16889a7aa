import { basename } from 'node:path'

import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'
import { LATER } from '../../scenarios/load/Outcome.ts'
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
  const all = attemptsFiles(files)
  const bases = Answers.basesOf(all)
  const probeAnswersMs: number[] = []
  const enterAnswersMs: EnterAnswerMs[] = [
    (ballot, answerMs) => void (books.ledger.answerMs[ballot] = answerMs),
    (_, answerMs) => void probeAnswersMs.push(answerMs),
  ]
  const entered = [await each(books, files.handedOver, (text) => enterHandOver(books, text))]
  for (const [index, file] of all.entries()) {
    const [base = 0, enterAnswerMs = () => undefined] = [bases[index], enterAnswersMs[index]]
    entered.push(await enterAttempts(books, { file, base, enterAnswerMs }))
  }
  if (files.resends !== undefined) entered.push(await enterResends(books, files.resends))
  // A writer that was ended before its last line could not say how many there are.
  if (!hasBrokenOff) for (const file of entered) checkWhole(books.problems, file)
  checkHandedOver(books)
  if (hasBrokenOff) doubtDeferred(books)
  return {
    tornLineCount: entered.filter(({ isTorn }) => isTorn).length,
    probeAnswersMs: Float32Array.from(probeAnswersMs),
  }
}

/** What a file held, against what its writers say in their last lines. */
type Entered = {
  file: string
  lineCount: number
  /** The sum over its writers; undefined where none said it. */
  toldLineCount: number | undefined
  isTorn: boolean
}

function begin(file: string): Entered {
  return { file, lineCount: 0, toldLineCount: undefined, isTorn: false }
}

function tell(entered: Entered, lineCount: number): void {
  entered.toldLineCount = (entered.toldLineCount ?? 0) + lineCount
}

function checkWhole(problems: Problems, { file, lineCount, toldLineCount }: Entered): void {
  if (lineCount === toldLineCount) return
  const example =
    toldLineCount === undefined
      ? 'its end is missing'
      : `${lineCount} of ${toldLineCount} lines are there`
  problems.add(`${basename(file)} is not whole`, example)
}

/** Each whole line; `take` says what is wrong with it. */
async function each(
  { problems }: Books,
  file: string,
  take: (text: string) => string | undefined,
): Promise<Entered> {
  const entered = begin(file)
  for await (const batch of lines(file)) {
    for (const { text, number, isWhole } of batch) {
      if (!isWhole) {
        entered.isTorn = true
        continue
      }
      const toldLineCount = HistoryLine.parseEnd(text)
      if (toldLineCount !== undefined) {
        tell(entered, toldLineCount)
        continue
      }
      entered.lineCount += 1
      const problem = take(text)
      if (problem === undefined) continue
      problems.add(`${basename(file)}: ${problem}`, `line ${number}: ${text.slice(0, 80)}`)
    }
  }
  return entered
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
  file: string
  base: number
  enterAnswerMs: EnterAnswerMs
}

/** Enters the pages as they come: what takes long was done by the threads. */
async function enterAttempts(books: Books, of: AttemptsFile): Promise<Entered> {
  const { file, base, enterAnswerMs } = of
  const entered = begin(file)
  const pages = AttemptWorkers.pages(file, books.acknowledgement)
  for (;;) {
    const { value, done } = await pages.next()
    if (done === true) return { ...entered, isTorn: value.isTorn }
    const page = { ...value, offsetBytes: base + value.offsetBytes }
    enterPage(books, page, { entered, enterAnswerMs })
  }
}

function enterPage(
  books: Books,
  page: AttemptWorkers.Placed,
  { entered, enterAnswerMs }: { entered: Entered; enterAnswerMs: EnterAnswerMs },
): void {
  const reasons = page.reasons.map((reason) => numberOf(books.reasons, reason))
  const remarks = page.remarks.values()
  let remark = remarks.next().value
  for (let row = 0; row * Attempts.COLUMNS < page.rows.length; row += 1) {
    const cells = page.rows.subarray(row * Attempts.COLUMNS, (row + 1) * Attempts.COLUMNS)
    const [ballot, toldLineCount = 0] = cells
    if (ballot === Attempts.END) {
      tell(entered, toldLineCount)
      continue
    }
    entered.lineCount += 1
    const remarked = remark?.row === row ? remark : undefined
    if (remarked !== undefined) remark = remarks.next().value
    const place = Answers.placeOf(page.offsetBytes + (cells[Attempts.COLUMN.offsetBytes] ?? 0))
    const reason = reasons[(cells[Attempts.COLUMN.reason] ?? 0) - 1] ?? 0
    const problem = enterAttempt(books, cells, { place, remark: remarked, reason, enterAnswerMs })
    if (problem === undefined) continue
    const example = remarked?.text ?? `ballot ${cells[Attempts.COLUMN.ballot]}`
    const name = basename(entered.file)
    books.problems.add(`${name}: ${problem}`, `line ${page.lineCount + row + 1}: ${example}`)
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
async function enterResends(books: Books, file: string): Promise<Entered> {
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
    return await each(books, file, enterResend)
  } finally {
    checker.close()
  }
}

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
