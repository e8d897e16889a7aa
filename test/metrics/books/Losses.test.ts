import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { CanonicalBlock } from '../../../metrics/books/CanonicalChain.ts'
import * as Findings from '../../../metrics/books/Findings.ts'
import * as Ledger from '../../../metrics/books/Ledger.ts'
import * as Losses from '../../../metrics/books/Losses.ts'
import type { Finding } from '../../../metrics/Run.ts'
import { STANDSTILL_MS } from '../../../metrics/verdict/limits.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 4
const { SEALS_AT, START_AT_MS } = Sandbox
const DEADLINE_MS = START_AT_MS + 110_000

let sandbox: Sandbox.Sandbox
let ledger: Ledger.Ledger
beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
  ledger = Ledger.open(sandbox.options.planFolder, START_AT_MS)
  for (const ballot of [0, 1, 2]) Ledger.raise(ledger, ballot, Ledger.OUTCOME.acknowledged)
  Ledger.raise(ledger, 3, Ledger.OUTCOME.indeterminate)
  ledger.finalityMs[2] = 7
})
afterEach(() => sandbox.dispose())

/** Final unless told otherwise. */
function block(number: number, timestamp: number, finalAtMs = DEADLINE_MS): CanonicalBlock {
  return Sandbox.canonical(number, timestamp, finalAtMs)
}

function count(
  blocks: CanonicalBlock[],
  change: Partial<Losses.Inputs> = {},
): { lost: number; pending: number; found: Finding[] } {
  const findings = Findings.create(sandbox.options.findingsFile)
  const counted = Losses.countUnfinalised({
    ledger,
    blocks,
    polls: sandbox.options.polls,
    findings,
    deadlineMs: DEADLINE_MS,
    interrupted: false,
    ...change,
  })
  findings.close()
  return { ...counted, found: findings.listed() }
}

/** Polls that are never sealed. */
function unsealed(): Losses.Inputs['polls'] {
  return sandbox.options.polls.map((poll) => ({ ...poll, sealsAt: undefined }))
}

describe('countUnfinalised', () => {
  test('default: what was acknowledged and no final block past the sealing holds is lost', () => {
    const blocks = [block(1, SEALS_AT), block(2, SEALS_AT + 1), block(3, SEALS_AT + 2)]
    const { lost, pending, found } = count(blocks)
    expect({ lost, pending }).toEqual({ lost: 2, pending: 0 })
    expect(found[0]).toEqual({
      kind: 'lost',
      ballot: 0,
      pollId: 1,
      voterIndex: Sandbox.voterOf(0),
      message: `Ballot 0 was acknowledged, the poll was sealed at ${SEALS_AT}, and final block 2 (${SEALS_AT + 1}) stands without it.`,
      evidence: {
        provenByBlock: 2,
        provenByBlockHash: '0x2',
        provenByTimestamp: SEALS_AT + 1,
      },
    })
    expect(found.map(({ ballot }) => ballot)).toEqual([0, 1])
  })

  test.each([
    [SEALS_AT - 1, 0],
    [SEALS_AT, 0],
    [SEALS_AT + 1, 2],
  ])('boundary: a final block of second %i proves %i', (timestamp, lost) => {
    expect(count([block(1, timestamp)])).toMatchObject({ lost, pending: 2 - lost })
  })

  test('behavior: a block that is not final proves nothing', () => {
    const blocks = [block(1, SEALS_AT), block(2, SEALS_AT + 1, Number.NaN)]
    expect(count(blocks)).toMatchObject({ lost: 0, pending: 2 })
    expect(count([])).toMatchObject({ lost: 0, pending: 2 })
  })

  test('behavior: without a sealing time the last final block of a moving chain proves it', () => {
    const { lost, found } = count([block(1, 5), block(2, 6)], { polls: unsealed() })
    expect(lost).toBe(2)
    expect(found[0]?.message).toBe(
      'Ballot 0 was acknowledged, the deadline passed, and final block 2 (6) stands without it.',
    )
    // Of a poll that the system does not tell of nothing is known either.
    expect(count([block(2, 6)], { polls: [] }).lost).toBe(2)
    const open = { polls: unsealed() }
    expect(count([], open)).toMatchObject({ lost: 0, pending: 2 })
    expect(count([block(1, 5)], { ...open, interrupted: true })).toMatchObject({ pending: 2 })
  })

  test.each([
    [DEADLINE_MS - STANDSTILL_MS, 2],
    [DEADLINE_MS - STANDSTILL_MS - 1, 0],
  ])(
    'boundary: a chain whose last block was final at %i is moving, or not: %i',
    (finalAtMs, lost) => {
      expect(count([block(1, 5, finalAtMs)], { polls: unsealed() }).lost).toBe(lost)
    },
  )

  test('behavior: a sealed poll needs its own proof, whatever the deadline', () => {
    expect(count([block(1, SEALS_AT - 50)])).toMatchObject({ lost: 0, pending: 2 })
    expect(count([block(1, SEALS_AT + 1)], { interrupted: true })).toMatchObject({ lost: 2 })
  })
})
