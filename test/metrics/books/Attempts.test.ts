import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Attempts from '../../../metrics/books/Attempts.ts'
import * as Ledger from '../../../metrics/books/Ledger.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 4
const { OUTCOME } = Ledger
const TIMES = { intendedAtMs: 10, sentAtMs: 20.5, doneAtMs: 30 }

let sandbox: Sandbox.Sandbox
let judge: Attempts.Judge

beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
  const { planFolder, domain, polls, receiptSigner } = sandbox.options
  judge = Attempts.createJudge({ planFolder, domain, polls, receiptSigner })
})
afterEach(() => {
  judge.close()
  sandbox.dispose()
})

function read(...lines: string[]): Attempts.Page & { cells: number[][] } {
  const page = judge.read(Buffer.from(lines.map((line) => `${line}\n`).join('')))
  const cells = Array.from({ length: page.rows.length / Attempts.COLUMNS }, (_, row) =>
    Array.from(page.rows.subarray(row * Attempts.COLUMNS, (row + 1) * Attempts.COLUMNS)),
  )
  return { ...page, cells }
}

function attempt(ballot: number, status: number, body: string, number = 1): string {
  return HistoryLine.formatAttempt({ ballot, attempt: number, ...TIMES, status, body })
}

describe('read', () => {
  test('default: an acknowledgement, with its times and its place', () => {
    const first = attempt(0, 202, sandbox.receipt(0))
    const { cells, remarks, reasons } = read(first, attempt(3, 202, sandbox.receipt(3), 2))
    expect(cells).toEqual([
      [0, 1, 10, 20.5, 30, 202, OUTCOME.acknowledged, 0, 0],
      [3, 2, 10, 20.5, 30, 202, OUTCOME.acknowledged, first.length + 1, 0],
    ])
    expect(remarks).toEqual([])
    expect(reasons).toEqual([])
  })

  test('behavior: refusals name their reasons, each once', () => {
    const closed = '{"code":"CLOSED"}'
    const { cells, reasons, remarks } = read(
      attempt(0, 403, closed),
      attempt(1, 429, '{"code":"LATER"}'),
      attempt(2, 403, closed),
      attempt(3, 500, closed),
    )
    expect(reasons).toEqual(['CLOSED', 'LATER'])
    expect(cells.map((row) => [row[Attempts.COLUMN.outcome], row[Attempts.COLUMN.reason]])).toEqual(
      [
        [OUTCOME.refused, 1],
        [OUTCOME.refused, 2],
        [OUTCOME.refused, 1],
        // What is no refusal has no reason.
        [OUTCOME.indeterminate, 0],
      ],
    )
    expect(remarks).toEqual([])
  })

  test('behavior: an acknowledgement that is worth nothing leaves the fate open, and is remarked', () => {
    const { cells, remarks } = read(
      attempt(0, 202, sandbox.receipt(0)),
      attempt(1, 202, sandbox.receipt(2)),
    )
    expect(cells[1]?.[Attempts.COLUMN.outcome]).toBe(OUTCOME.indeterminate)
    expect(remarks).toEqual([
      { row: 1, text: sandbox.receipt(2), flaw: 'the receipt is for another ballot' },
    ])
  })

  test('boundary: of a ballot behind the last one the receipt cannot be checked', () => {
    const { cells, remarks } = read(attempt(BALLOTS, 202, '{}'), attempt(BALLOTS - 1, 202, '{}'))
    expect(cells.map((row) => row[Attempts.COLUMN.outcome])).toEqual([
      OUTCOME.acknowledged,
      OUTCOME.indeterminate,
    ])
    expect(remarks.map(({ row }) => row)).toEqual([1])
  })

  test('behavior: a writer’s last line, and one that is none', () => {
    const broken = 'x'.repeat(100)
    const { cells, remarks } = read(
      HistoryLine.formatEnd(7),
      broken,
      attempt(0, 202, sandbox.receipt(0)),
    )
    expect(cells.map(([ballot, number]) => [ballot, number])).toEqual([
      [Attempts.END, 7],
      [-1, 0],
      [0, 1],
    ])
    expect(remarks).toEqual([{ row: 1, text: 'x'.repeat(80) }])
  })

  test('behavior: no line, an empty line', () => {
    expect(read()).toMatchObject({ cells: [], remarks: [], reasons: [] })
    expect(read('')).toMatchObject({ cells: [[-1, 0, 0, 0, 0, 0, 0, 0, 0]] })
  })

  test('behavior: text of several bytes a character does not shift what follows', () => {
    const first = attempt(0, 403, '{"message":"größer ☃"}')
    const { cells } = read(first, attempt(1, 202, sandbox.receipt(1)))
    expect(cells[1]?.[Attempts.COLUMN.offsetBytes]).toBe(Buffer.byteLength(first) + 1)
    expect(cells[1]?.[Attempts.COLUMN.outcome]).toBe(OUTCOME.acknowledged)
  })

  test('behavior: only the given part of a larger buffer is read', () => {
    const line = `${attempt(0, 202, sandbox.receipt(0))}\n`
    const buffer = Buffer.from(`junk\n${line}junk\n`)
    const { rows } = judge.read(buffer.subarray(5, 5 + line.length))
    expect(rows.length).toBe(Attempts.COLUMNS)
    expect(rows[Attempts.COLUMN.outcome]).toBe(OUTCOME.acknowledged)
  })
})
