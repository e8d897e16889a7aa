import { writeFileSync } from 'node:fs'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Attempts from '../../../metrics/books/Attempts.ts'
import * as AttemptWorkers from '../../../metrics/books/AttemptWorkers.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Sandbox from './Sandbox.ts'

/** Lines of 16 KB: 80 of them are more than one chunk, and less than threads are started for. */
const LINES = 80

let sandbox: Sandbox.Sandbox
let file: string
beforeEach(() => {
  sandbox = Sandbox.create(LINES)
  file = sandbox.options.historyFiles.attempts
})
afterEach(() => sandbox.dispose())

function line(ballot: number): string {
  const times = { intendedAtMs: 1, sentAtMs: 2, doneAtMs: 3 }
  const body = 'x'.repeat(HistoryLine.BODY_LENGTH_MAX)
  return `${HistoryLine.formatAttempt({ ballot, attempt: 1, ...times, status: 403, body })}\n`
}

async function pages(): Promise<{ pages: AttemptWorkers.Placed[]; isTorn: boolean }> {
  const { planFolder, domain, polls, receiptSigner } = sandbox.options
  const reading = AttemptWorkers.pages(file, { planFolder, domain, polls, receiptSigner })
  const read: AttemptWorkers.Placed[] = []
  for (;;) {
    const { value, done } = await reading.next()
    if (done === true) return { pages: read, isTorn: value.isTorn }
    read.push(value)
  }
}

describe('pages, in the calling thread', () => {
  test('default: each with its place, and the lines before it', async () => {
    const lines = Array.from({ length: LINES }, (_, ballot) => line(ballot))
    writeFileSync(file, lines.join(''))
    const { pages: read, isTorn } = await pages()
    expect(isTorn).toBe(false)
    expect(read.length).toBeGreaterThan(1)
    let [offsetBytes, lineCount] = [0, 0]
    for (const page of read) {
      expect([page.offsetBytes, page.lineCount]).toEqual([offsetBytes, lineCount])
      const count = page.rows.length / Attempts.COLUMNS
      offsetBytes += lines.slice(lineCount, lineCount + count).join('').length
      lineCount += count
    }
    expect(lineCount).toBe(LINES)
  })

  test('behavior: a torn last line is left out, and told', async () => {
    writeFileSync(file, `${line(0)}A 1 1`)
    const { pages: read, isTorn } = await pages()
    expect(isTorn).toBe(true)
    expect(read.map(({ rows }) => rows.length / Attempts.COLUMNS)).toEqual([1])
  })

  test('behavior: no file, and an empty one', async () => {
    expect(await pages()).toEqual({ pages: [], isTorn: false })
    writeFileSync(file, '')
    expect(await pages()).toEqual({ pages: [], isTorn: false })
  })
})
