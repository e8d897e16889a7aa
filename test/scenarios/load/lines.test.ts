import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

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
