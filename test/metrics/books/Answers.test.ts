import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Answers from '../../../metrics/books/Answers.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-answers-'))
  file = join(folder, 'attempts.log')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function attempt(ballot: number, body: string): HistoryLine.Attempt {
  const times = { intendedAtMs: 1_800_000_000_000, sentAtMs: 1_800_000_000_001 }
  return { ballot, attempt: 1, ...times, doneAtMs: 1_800_000_000_002.5, status: 202, body }
}

/** Writes the attempts. @returns the place of each. */
function write(attempts: readonly HistoryLine.Attempt[]): number[] {
  const all = attempts.map((one) => Buffer.from(`${HistoryLine.formatAttempt(one)}\n`))
  writeFileSync(file, Buffer.concat(all))
  let offsetBytes = 0
  return all.map(({ length }) => {
    const place = Answers.placeOf(offsetBytes)
    offsetBytes += length
    return place
  })
}

describe('find', () => {
  test('default: each attempt by its place, whatever stands before it', () => {
    const bodies = Array.from({ length: 200 }, (_, index) => 'ж'.repeat((index * 37) % 1000))
    const attempts = bodies.map((body, ballot) => attempt(ballot, body))
    const places = write(attempts)
    const answers = Answers.open([file])
    try {
      places.forEach((place, ballot) => {
        expect(answers.find(ballot, place)).toEqual(attempts[ballot])
      })
    } finally {
      answers.close()
    }
  })

  test('behavior: the end of a body that looks like an attempt is none', () => {
    // The forged end lies within the step in which the next line begins.
    const forged = 'A 1 1 1 1 1 202 x'
    const lengths = Array.from({ length: 64 }, (_, index) => index)
    for (const length of lengths) {
      const attempts = [attempt(0, `${'y'.repeat(length)} ${forged}`), attempt(1, 'mine')]
      const [, place = 0] = write(attempts)
      const answers = Answers.open([file])
      expect(answers.find(1, place)).toEqual(attempts[1])
      answers.close()
    }
  })

  test('behavior: nowhere, another ballot and a file that is gone hold nothing', () => {
    const [place = 0] = write([attempt(7, 'mine')])
    const answers = Answers.open([file])
    expect(answers.find(7, Answers.NOWHERE)).toBeUndefined()
    expect(answers.find(8, place)).toBeUndefined()
    answers.close()
    const missing = Answers.open([join(folder, 'missing')])
    expect(missing.find(7, place)).toBeUndefined()
    missing.close()
  })
})

describe('basesOf', () => {
  test('behavior: files lie behind one another, and each answer is found in its own', () => {
    const files = [file, join(folder, 'gone.log'), join(folder, 'probe.log')]
    writeFileSync(file, `${HistoryLine.formatAttempt(attempt(1, 'of k6'))}\n`)
    writeFileSync(files[2] ?? '', `${HistoryLine.formatAttempt(attempt(2, 'of the probe'))}\n`)
    const [first = -1, , third = -1] = Answers.basesOf(files)
    const answers = Answers.open(files)
    expect(answers.find(1, Answers.placeOf(first))?.body).toBe('of k6')
    expect(answers.find(2, Answers.placeOf(third))?.body).toBe('of the probe')
    expect(answers.find(2, Answers.placeOf(first))).toBeUndefined()
    answers.close()
  })
})

describe('placeOf', () => {
  test('behavior: beyond what 4 bytes can say a line has no place', () => {
    expect(Answers.placeOf(0)).toBe(1)
    expect(Answers.placeOf(32 * (2 ** 32 - 2))).toBe(2 ** 32 - 1)
    expect(Answers.placeOf(32 * (2 ** 32 - 1))).toBe(Answers.NOWHERE)
  })
})
