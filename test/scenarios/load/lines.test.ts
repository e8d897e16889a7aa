import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as HistoryFile from '../../../scenarios/load/HistoryFile.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Slice from '../../../scenarios/load/Slice.ts'

const whole = fc.integer({ min: 0, max: 2 ** 32 })
const instant = fc
  .double({ min: 0, max: 4e12, noNaN: true, noDefaultInfinity: true })
  .map((ms) => Math.round(ms * 1000) / 1000)
const texts = fc.string({ unit: 'binary', maxLength: 1200 })

describe('HistoryLine.parseAttempt', () => {
  test('default: undoes formatAttempt; the body on one line', () => {
    const attempts = fc.record({
      ballot: whole,
      attempt: fc.integer({ min: 1, max: 20 }),
      intendedAtMs: instant,
      sentAtMs: whole,
      doneAtMs: whole,
      status: fc.integer({ min: 0, max: 599 }),
      body: texts,
    })
    fc.assert(
      fc.property(attempts, (attempt) => {
        const line = HistoryLine.formatAttempt(attempt)
        expect(line).not.toMatch(/[\n\r\u2028\u2029]/)
        const body = attempt.body.slice(0, HistoryLine.BODY_LENGTH_MAX).replace(/\s+/g, ' ')
        expect(HistoryLine.parseAttempt(line)).toEqual({ ...attempt, body })
      }),
      { numRuns: 500 },
    )
  })

  test.each(['', 'A', 'A 1 1 1 1', 'H 1 2 3', 'A 1 1 x 1 1 200 ok', 'xA 1 1 1 1 1 200 '])(
    'error: %j is no attempt',
    (line) => {
      expect(HistoryLine.parseAttempt(line)).toBeUndefined()
    },
  )

  test('behavior: of a line cut off in its middle nothing false is read', () => {
    const line = HistoryLine.formatAttempt({
      ballot: 12,
      attempt: 1,
      intendedAtMs: 1000.5,
      sentAtMs: 1001,
      doneAtMs: 1002,
      status: 202,
      body: '',
    })
    const cut = Array.from({ length: line.length - 4 }, (_, end) => line.slice(0, end))
    expect(cut.every((part) => HistoryLine.parseAttempt(part) === undefined)).toBe(true)
  })
})

describe('HistoryLine.parseHandOver', () => {
  test('default: undoes formatHandOver', () => {
    fc.assert(
      fc.property(fc.record({ first: whole, count: whole, atMs: instant }), (handOver) => {
        expect(HistoryLine.parseHandOver(HistoryLine.formatHandOver(handOver))).toEqual(handOver)
      }),
    )
    expect(HistoryLine.parseHandOver('H 1 2')).toBeUndefined()
  })
})

describe('HistoryLine.parseResend', () => {
  test('default: undoes formatResend', () => {
    const resends = fc.record({
      ballot: whole,
      atMs: instant,
      status: fc.constantFrom(0, 200),
      body: fc.constantFrom('', 'x y'),
    })
    fc.assert(
      fc.property(resends, (resend) => {
        expect(HistoryLine.parseResend(HistoryLine.formatResend(resend))).toEqual(resend)
      }),
    )
    expect(HistoryLine.parseResend('A 1 1 1 1 1 200 ok')).toBeUndefined()
  })
})

describe('HistoryLine.parseEnd', () => {
  test('default: undoes formatEnd', () => {
    expect([0, 7, 12_000_000].map(HistoryLine.formatEnd).map(HistoryLine.parseEnd)).toEqual([
      0, 7, 12_000_000,
    ])
  })

  test.each(['E', 'E x', 'E 7 ', 'E 7x', 'xE 7', 'E -7', 'A 1 1 1 1 1 200 E 7'])(
    'error: %j is no end',
    (line) => {
      expect(HistoryLine.parseEnd(line)).toBeUndefined()
    },
  )
})

describe('HistoryLine', () => {
  test.each(['xH 1 2 3', 'H 1 2 3 ', 'H 1 2 3x', 'H a 2 3'])(
    'error: %j is no hand-over',
    (line) => {
      expect(HistoryLine.parseHandOver(line)).toBeUndefined()
    },
  )

  test.each(['xR 1 2 200 ok', 'R 1 2 x00', 'R 1 2'])('error: %j is no resend', (line) => {
    expect(HistoryLine.parseResend(line)).toBeUndefined()
  })

  test('behavior: a line that ends with its status has an empty body', () => {
    expect(HistoryLine.parseResend('R 1 2 200')).toEqual({
      ballot: 1,
      atMs: 2,
      status: 200,
      body: '',
    })
    expect(HistoryLine.parseAttempt('A 1 1 2 3 4 200')).toMatchObject({ status: 200, body: '' })
  })

  test('boundary: of a long answer the beginning is kept', () => {
    const line = { ballot: 1, atMs: 2, status: 200 }
    const most = 'x'.repeat(HistoryLine.BODY_LENGTH_MAX)
    const lineOf = (body: string) =>
      HistoryLine.parseResend(HistoryLine.formatResend({ ...line, body }))
    expect(lineOf(most)?.body).toBe(most)
    expect(lineOf(`${most}y`)?.body).toBe(most)
  })
})

describe('HistoryFile.open', () => {
  test('default: whole lines, and at the end how many there are; appended to', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-history-'))
    const file = join(folder, 'attempts.log')
    const first = HistoryFile.open(file)
    first.write('one')
    expect(readFileSync(file, 'utf8')).toBe('one\n')
    first.write('two')
    first.close()
    expect(() => first.write('three')).toThrow('EBADF')
    HistoryFile.open(file).close()
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\nE 2\nE 0\n')
    rmSync(folder, { recursive: true })
  })
})

describe('Slice.decode', () => {
  test('default: undoes encode', () => {
    const ballots = fc.record({
      intendedAtMs: fc.double({ noNaN: true }),
      pollId: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      body: fc.uint8Array({ maxLength: 300 }),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.array(ballots, { maxLength: 50 }),
        (first, list) => {
          const bytes = Slice.encode(first, list)
          const decoded = Slice.decode(Uint8Array.from(bytes).buffer)
          expect(decoded.first).toBe(first)
          expect(
            decoded.ballots.map((ballot) => ({ ...ballot, body: new Uint8Array(ballot.body) })),
          ).toEqual(list)
        },
      ),
    )
  })
})
