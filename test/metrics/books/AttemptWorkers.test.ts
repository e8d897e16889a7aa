import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Attempts from '../../../metrics/books/Attempts.ts'
import * as AttemptWorkers from '../../../metrics/books/AttemptWorkers.ts'
import * as Ledger from '../../../metrics/books/Ledger.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Sandbox from './Sandbox.ts'

/** Three chunks: enough for threads, and for one of them to have two. */
const BALLOTS = 6500
const FORGED = [500, 6499]
const MALFORMED = 4000

let sandbox: Sandbox.Sandbox
let attempts: string[]
beforeAll(() => {
  sandbox = Sandbox.create(BALLOTS)
  attempts = Array.from({ length: BALLOTS }, (_, ballot) => line(ballot))
})
afterAll(() => sandbox.dispose())

function line(ballot: number): string {
  if (ballot === MALFORMED) return 'A what'
  const intendedAtMs = Sandbox.START_AT_MS + ballot * 10
  const times = { intendedAtMs, sentAtMs: intendedAtMs, doneAtMs: intendedAtMs + 20 }
  const key = FORGED.includes(ballot) ? Buffer.alloc(32, 9) : Sandbox.RECEIPT_KEY
  const answer = { status: 202, body: sandbox.receipt(ballot, {}, key) }
  return HistoryLine.formatAttempt({ ballot, attempt: 1, ...times, ...answer })
}

function task(planFolder = sandbox.options.planFolder): Attempts.Task {
  const { domain, polls, receiptSigner } = sandbox.options
  return { planFolder, domain, polls, receiptSigner }
}

/** Line by line, with the line's place in the file. */
function rowsOf({ rows }: Attempts.Page, offsetBytes: number): number[][] {
  return Array.from({ length: rows.length / Attempts.COLUMNS }, (_, row) => {
    const cells = Array.from(rows.subarray(row * Attempts.COLUMNS, (row + 1) * Attempts.COLUMNS))
    const at = cells[Attempts.COLUMN.offsetBytes] ?? NaN
    return cells.with(Attempts.COLUMN.offsetBytes, at + offsetBytes)
  })
}

async function drain(pages: ReturnType<typeof AttemptWorkers.pages>) {
  const found: AttemptWorkers.Placed[] = []
  for (;;) {
    const { value, done } = await pages.next()
    if (done === true) return { found, isTorn: value.isTorn }
    found.push(value)
  }
}

describe('pages', () => {
  test('default: threads judge as the calling thread does, in the order of the file', async () => {
    const text = attempts.map((one) => `${one}\n`).join('')
    const file = join(sandbox.folder, 'attempts.log')
    writeFileSync(file, `${text}${line(0).slice(0, 50)}`)
    const { found, isTorn } = await drain(AttemptWorkers.pages(file, task()))
    expect(isTorn).toBe(true)
    expect(found.length).toBeGreaterThan(2)
    const judge = Attempts.createJudge(task())
    const alone = judge.read(Buffer.from(text))
    judge.close()
    const rows = found.flatMap((page) => rowsOf(page, page.offsetBytes))
    expect(rows).toEqual(rowsOf(alone, 0))
    expect(rows).toHaveLength(BALLOTS)
    let lineCount = 0
    for (const page of found) {
      expect(page.lineCount).toBe(lineCount)
      lineCount += page.rows.length / Attempts.COLUMNS
    }
    const remarks = found.flatMap((page) =>
      page.remarks.map(({ row: at, flaw }) => [page.lineCount + at, flaw?.slice(0, 25)]),
    )
    const flaw = 'the receipt is signed by '
    expect(remarks).toEqual([
      [500, flaw],
      [4000, undefined],
      [6499, flaw],
    ])
    const outcomes = new Set(FORGED.map((row) => rows[row]?.[Attempts.COLUMN.outcome]))
    expect(outcomes).toEqual(new Set([Ledger.OUTCOME.indeterminate]))
  })

  test('error: a thread that cannot judge is an error, not a silence', async () => {
    const file = join(sandbox.folder, 'attempts.log')
    writeFileSync(file, `${line(0)}\n`.repeat(10_000))
    await expect(
      drain(AttemptWorkers.pages(file, task(join(sandbox.folder, 'no-plan')))),
    ).rejects.toThrow('no-plan')
  })
})

describe('reconcile', () => {
  test('behavior: what threads found is entered at its ballot and line', async () => {
    const handOver = { first: 0, count: BALLOTS, atMs: Sandbox.START_AT_MS }
    sandbox.history(attempts, [HistoryLine.formatHandOver(handOver)])
    sandbox.observations([])
    const books = await sandbox.reconcile()
    expect(books.counts).toMatchObject({
      acknowledged: BALLOTS - 3,
      indeterminate: 3,
      invalidReceipt: 2,
    })
    expect(books.findings.listed.map(({ ballot }) => ballot)).toEqual(FORGED)
    expect(books.problems).toEqual(['attempts.log: malformed line (1; first: line 4001: A what)'])
  })
})
