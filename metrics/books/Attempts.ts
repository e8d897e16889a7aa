import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'
import * as Outcome from '../../scenarios/load/Outcome.ts'
import * as Acknowledgement from './Acknowledgement.ts'
import { NEWLINE } from '../../scenarios/runtime/lines.ts'
import * as Ledger from './Ledger.ts'
import { refusalReason } from './refusalReason.ts'

/** The attempts of some whole lines, judged: what a thread hands back. */
export type Page = {
  /** {@link COLUMN} numbers for each line. */
  rows: Float64Array<ArrayBuffer>
  /** What does not go into numbers, in the order of the lines. */
  remarks: Remark[]
  /** Why attempts were refused; rows name a reason by its place here, from 1 on. */
  reasons: string[]
}

export type Remark = {
  /** The line, 0 and up in its page. */
  row: number
  text: string
  /** Why the acknowledgement in `text` is worth nothing; absent where the line is no attempt. */
  flaw?: string | undefined
}

/** Where a row holds what. */
export const COLUMN = {
  /** {@link END} in a writer's last line, −1 where the line is neither that nor an attempt. */
  ballot: 0,
  /** In a writer's last line the number of its lines. */
  attempt: 1,
  intendedAtMs: 2,
  sentAtMs: 3,
  doneAtMs: 4,
  status: 5,
  /** One of `Ledger.OUTCOME`. */
  outcome: 6,
  /** Where the line begins, in bytes from the first of the page. */
  offsetBytes: 7,
  /** Of a refusal: 1 and up, see {@link Page.reasons}; else 0. */
  reason: 8,
} as const

export const END = -2

export const COLUMNS = Object.keys(COLUMN).length

/** What is needed to judge attempts; a plain record, so that it can be handed to a thread. */
export type Task = Acknowledgement.Options

export type Judge = {
  /** @param bytes - whole lines. */
  read(bytes: Uint8Array): Page
  close(): void
}

/** Judges attempts; every acknowledgement is checked, its signature included. */
export function createJudge(task: Task): Judge {
  const checker = Acknowledgement.createChecker(task)
  return {
    read(bytes) {
      const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const rows = new Float64Array(countLines(source) * COLUMNS)
      const remarks: Remark[] = []
      const reasons: string[] = []
      for (let row = 0, start = 0; start < source.length; row += 1) {
        const end = source.indexOf(NEWLINE, start)
        const text = source.toString('utf8', start, end)
        const cells = rows.subarray(row * COLUMNS, (row + 1) * COLUMNS)
        cells[COLUMN.offsetBytes] = start
        const remark = enter(checker, text, { cells, reasons })
        if (remark !== undefined) remarks.push({ row, ...remark })
        start = end + 1
      }
      return { rows, remarks, reasons }
    },
    close: () => checker.close(),
  }
}

/**
 * What an answer means, its receipt checked.
 *
 * @returns one of `Ledger.OUTCOME`, and why an acknowledgement is worth nothing.
 */
export function judge(
  checker: Acknowledgement.Checker,
  { ballot, status, body }: Pick<HistoryLine.Attempt, 'ballot' | 'status' | 'body'>,
): { outcome: number; flaw?: string | undefined } {
  const claimed = Outcome.ofAttempt(checker.path, status, body)
  if (claimed !== 'acknowledged' || ballot >= checker.ballotCount) {
    return { outcome: Ledger.OUTCOME[claimed] }
  }
  const flaw = checker.check(ballot, body)
  // Without a valid one nobody knows what became of it: it may count once, never twice.
  return flaw === undefined
    ? { outcome: Ledger.OUTCOME.acknowledged }
    : { outcome: Ledger.OUTCOME.indeterminate, flaw }
}

function enter(
  checker: Acknowledgement.Checker,
  text: string,
  { cells, reasons }: { cells: Float64Array; reasons: string[] },
): Omit<Remark, 'row'> | undefined {
  const line = HistoryLine.parseAttempt(text)
  const lineCount = line === undefined ? HistoryLine.parseEnd(text) : undefined
  cells[COLUMN.ballot] = line?.ballot ?? (lineCount === undefined ? -1 : END)
  cells[COLUMN.attempt] = line?.attempt ?? lineCount ?? 0
  if (line === undefined) {
    return lineCount === undefined ? { text: text.slice(0, EXAMPLE_LENGTH_MAX) } : undefined
  }
  cells[COLUMN.intendedAtMs] = line.intendedAtMs
  cells[COLUMN.sentAtMs] = line.sentAtMs
  cells[COLUMN.doneAtMs] = line.doneAtMs
  cells[COLUMN.status] = line.status
  const { outcome, flaw } = judge(checker, line)
  cells[COLUMN.outcome] = outcome
  if (outcome === Ledger.OUTCOME.refused) {
    cells[COLUMN.reason] = placeOf(reasons, refusalReason(checker.path, line.status, line.body))
  }
  return flaw === undefined ? undefined : { text: line.body, flaw }
}

/** The reason's place, 1 and up; a reason that is new is added. */
function placeOf(reasons: string[], reason: string): number {
  const index = reasons.indexOf(reason)
  return index === -1 ? reasons.push(reason) : index + 1
}

/** Of a damaged line that is shown. */
const EXAMPLE_LENGTH_MAX = 80

function countLines(source: Buffer): number {
  let count = 0
  for (let at = source.indexOf(NEWLINE); at !== -1; at = source.indexOf(NEWLINE, at + 1)) count += 1
  return count
}
