import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { silenceMsMax, type CanonicalBlock } from '../../../metrics/books/CanonicalChain.ts'
import * as Findings from '../../../metrics/books/Findings.ts'
import * as Ledger from '../../../metrics/books/Ledger.ts'
import * as Losses from '../../../metrics/books/Losses.ts'
import * as Seconds from '../../../metrics/books/Seconds.ts'
import { STANDSTILL_MS } from '../../../metrics/verdict/limits.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 5
const { START_AT_MS, SEALS_AT } = Sandbox
const DEADLINE_MS = START_AT_MS + 110_000

let sandbox: Sandbox.Sandbox
let ledger: Ledger.Ledger
beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
  ledger = Ledger.open(sandbox.options.planFolder, START_AT_MS)
  for (let ballot = 0; ballot < BALLOTS; ballot += 1) {
    Ledger.raise(ledger, ballot, Ledger.OUTCOME.acknowledged)
  }
})
afterEach(() => sandbox.dispose())

function lostOf(blocks: CanonicalBlock[], sealsAt: number | undefined): number {
  const findings = Findings.create(sandbox.options.findingsFile)
  const polls = sandbox.options.polls.map((poll) => ({ ...poll, sealsAt }))
  const times = { deadlineMs: DEADLINE_MS, interrupted: false }
  const { lost } = Losses.countUnfinalised({ ledger, blocks, polls, findings, ...times })
  findings.close()
  return lost
}

describe('the sealing second and the deadline', () => {
  test('property: lost is what no final block after the sealing second holds, and else pending', () => {
    const seconds = fc.array(fc.integer({ min: SEALS_AT - 3, max: SEALS_AT + 3 }), { maxLength: 4 })
    const isRight = fc.property(seconds, (timestamps) => {
      const blocks = timestamps
        .toSorted((a, b) => a - b)
        .map((timestamp, index) => Sandbox.canonical(index + 1, timestamp, DEADLINE_MS))
      const isPast = timestamps.some((timestamp) => timestamp > SEALS_AT)
      return lostOf(blocks, SEALS_AT) === (isPast ? BALLOTS : 0)
    })
    expect(fc.check(isRight, { numRuns: 60 }).failed).toBe(false)
  })

  test('property: without a sealing second it is lost where the chain moved until the deadline', () => {
    const edge = DEADLINE_MS - STANDSTILL_MS
    const isRight = fc.property(fc.integer({ min: edge - 3, max: edge + 3 }), (finalAtMs) => {
      return (
        lostOf([Sandbox.canonical(1, 5, finalAtMs)], undefined) ===
        (finalAtMs >= edge ? BALLOTS : 0)
      )
    })
    expect(fc.check(isRight, { numRuns: 30 }).failed).toBe(false)
  })
})

describe('the first and the last ballot', () => {
  test('property: a window holds what happened from its beginning on, and before its end', () => {
    const edges = fc.tuple(fc.integer({ min: -1, max: 41 }), fc.integer({ min: -1, max: 41 }))
    const isRight = fc.property(edges, ([from, until]) => {
      const window = { fromMs: START_AT_MS + from, untilMs: START_AT_MS + until }
      // Ballot k happens at k × 10 ms.
      const inside = [0, 10, 20, 30, 40].filter((ms) => ms >= from && ms < until)
      return Seconds.countWithin(ledger, () => 0, window) === inside.length
    })
    expect(fc.check(isRight, { numRuns: 200 }).failed).toBe(false)
  })

  test('property: a ballot without its event is in no window', () => {
    const window = { fromMs: -Infinity, untilMs: Infinity }
    expect(Seconds.countWithin(ledger, () => Number.NaN, window)).toBe(0)
    expect(Seconds.countWithin(ledger, (ballot) => (ballot === 4 ? 0 : Number.NaN), window)).toBe(1)
  })
})

describe('what a witness heard', () => {
  test('property: the longest silence between the edges, whatever lies outside', () => {
    const heard = fc.uniqueArray(fc.integer({ min: -900, max: 1000 }), { maxLength: 12 })
    const isRight = fc.property(heard, (times) => {
      const edges = [10, ...times.filter((ms) => ms > 10 && ms < 190), 190].toSorted(
        (a, b) => a - b,
      )
      const gaps = edges.slice(1).map((ms, index) => ms - (edges[index] ?? 0))
      const longest = silenceMsMax({ heardAtMs: times }, { fromMs: 10, untilMs: 190 })
      return longest === Math.max(...gaps)
    })
    expect(fc.check(isRight, { numRuns: 200 }).failed).toBe(false)
  })
})
