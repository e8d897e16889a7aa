import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Ledger from '../../../metrics/books/Ledger.ts'
import * as PlannedBallots from '../../../metrics/books/PlannedBallots.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import * as Sandbox from './Sandbox.ts'

let sandbox: Sandbox.Sandbox
let file: (name: string) => string
beforeEach(() => {
  sandbox = Sandbox.create(8)
  file = (name) => join(sandbox.options.planFolder, name)
})
afterEach(() => sandbox.dispose())

/** Puts the plan of other files in place. */
function alterPlan(change: (plan: Plan.Plan) => Plan.Plan): void {
  const plan: Plan.Plan = JSON.parse(readFileSync(file(Plan.FILES.plan), 'utf8'))
  writeFileSync(file(Plan.FILES.plan), JSON.stringify(change(plan)))
}

function open(): PlannedBallots.PlannedBallots {
  return PlannedBallots.open(sandbox.options.planFolder)
}

describe('open', () => {
  test('default: every ballot is found by its poll and voter, and no other', () => {
    const large = Sandbox.create(8193)
    try {
      const planned = PlannedBallots.open(large.options.planFolder)
      const { count, poll, choice, voterIndex } = planned
      expect(count).toBe(8193)
      for (let ballot = 0; ballot < count; ballot += 1) {
        expect(planned.find(1, Sandbox.voterOf(ballot))).toBe(ballot)
        expect(planned.find(1, Sandbox.voterOf(ballot) + 1)).toBe(-1)
      }
      expect([poll[8192], choice[8192], voterIndex[8192]]).toEqual([0, 8192 % 3, 10 + 8192 * 3])
      expect(planned.find(2, Sandbox.voterOf(0))).toBe(-1)
      expect(planned.find(0, Sandbox.voterOf(0))).toBe(-1)
    } finally {
      large.dispose()
    }
  })

  test('boundary: one ballot, and none', () => {
    for (const ballots of [0, 1]) {
      const small = Sandbox.create(ballots)
      try {
        const planned = PlannedBallots.open(small.options.planFolder)
        expect(planned.count).toBe(ballots)
        expect(planned.find(1, Sandbox.voterOf(0))).toBe(ballots - 1)
        expect(planned.find(1, 3)).toBe(-1)
      } finally {
        small.dispose()
      }
    }
  })

  test('error: a poll in the spool that the plan does not have', () => {
    alterPlan((plan) => ({ ...plan, polls: plan.polls.map((poll) => ({ ...poll, pollId: 4 })) }))
    expect(open).toThrow(
      expect.objectContaining({
        code: 'LEDGER_PLAN_MISMATCH',
        exitCode: 1,
        message: `The files of the plan in ${sandbox.options.planFolder} do not belong together: another poll 1.`,
      }),
    )
  })

  test('error: another number of ballots', () => {
    const other = Sandbox.create(7)
    copyFileSync(join(other.options.planFolder, Plan.FILES.spool), file(Plan.FILES.spool))
    other.dispose()
    expect(open).toThrow(/do not belong together: another number of ballots\.$/)
  })

  test('error: instants of another plan', () => {
    const other = Sandbox.create(7)
    copyFileSync(join(other.options.planFolder, Plan.FILES.instants), file(Plan.FILES.instants))
    other.dispose()
    expect(() => Ledger.open(sandbox.options.planFolder, Sandbox.START_AT_MS)).toThrow(
      /do not belong together: another number of instants\.$/,
    )
  })

  test('error: one voter twice in a poll', () => {
    const spool = readFileSync(file(Plan.FILES.spool))
    writeFileSync(file(Plan.FILES.spool), doubled(spool))
    expect(open).toThrow(
      expect.objectContaining({
        code: 'LEDGER_DOUBLE_VOTER',
        exitCode: 1,
        message: `Ballot 5 of the plan is a second one of voter ${Sandbox.voterOf(3)} in poll 1: the books could not tell a lost ballot from a double one.`,
      }),
    )
  })
})

/** A spool in which ballot 5 is ballot 3 again. */
function doubled(spool: Buffer): Buffer {
  const copy = Buffer.from(spool)
  const [three, four, five] = [3, 4, 5].map((ballot) =>
    Spool.positionOf(Spool.RECORD_SIZE_BYTES.api, ballot),
  )
  spool.copy(copy, five, three, four)
  return copy
}

describe('Ledger', () => {
  test('default: state bits, outcome and reason do not disturb each other', () => {
    const ledger = Ledger.open(sandbox.options.planFolder, Sandbox.START_AT_MS)
    Ledger.setReason(ledger, 1, 15)
    expect(Ledger.mark(ledger, 1, Ledger.STATE.STORED_TWICE)).toBe(true)
    expect(Ledger.mark(ledger, 1, Ledger.STATE.STORED_TWICE)).toBe(false)
    Ledger.raise(ledger, 1, Ledger.OUTCOME.indeterminate)
    Ledger.raise(ledger, 1, Ledger.OUTCOME.refused)
    expect(Ledger.outcome(ledger, 1)).toBe(Ledger.OUTCOME.indeterminate)
    expect(Ledger.reasonOf(ledger, 1)).toBe(15)
    Ledger.setReason(ledger, 1, 3)
    expect(Ledger.reasonOf(ledger, 1)).toBe(3)
    expect(Ledger.has(ledger, 1, Ledger.STATE.STORED_TWICE)).toBe(true)
    const bits = Object.values(Ledger.STATE)
    expect(bits.filter((bit) => Ledger.has(ledger, 1, bit))).toEqual([Ledger.STATE.STORED_TWICE])
    expect(Ledger.has(ledger, 0, Ledger.STATE.STORED_TWICE)).toBe(false)
    Ledger.raise(ledger, 1, Ledger.OUTCOME.acknowledged)
    expect(Ledger.outcome(ledger, 1)).toBe(Ledger.OUTCOME.acknowledged)
  })

  test('behavior: nothing is known in the beginning', () => {
    const ledger = Ledger.open(sandbox.options.planFolder, Sandbox.START_AT_MS)
    for (const column of ['lateMs', 'answerMs', 'ackMs', 'inclusionMs', 'finalityMs'] as const) {
      expect(ledger[column].every(Number.isNaN)).toBe(true)
    }
    expect(Ledger.outcome(ledger, 0)).toBe(Ledger.OUTCOME.none)
    // Of a ballot that is not there nothing is known either.
    expect([Ledger.outcome(ledger, 99), Ledger.reasonOf(ledger, 99)]).toEqual([0, 0])
  })
})
