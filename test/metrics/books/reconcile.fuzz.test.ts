import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Observation } from '../../../metrics/witness/Observation.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 12

/** What came back for one attempt; `forged` is a receipt by another key. */
const Answer = fc.constantFrom('receipt', 'forged', 'refused', 'overloaded', 'broken', 'timeout')
type Answer = typeof Answer extends fc.Arbitrary<infer Value> ? Value : never

const Story = fc.record({
  handed: fc.boolean(),
  answers: fc.array(Answer, { maxLength: 3 }),
})

/** One step of the chain: a block with casts, finality of all so far, or a reorganisation. */
const Cast = fc.record({
  /** Beyond the plan where it is {@link BALLOTS}. */
  ballot: fc.integer({ min: 0, max: BALLOTS }),
  choice: fc.integer({ min: 0, max: 2 }),
  isTrue: fc.boolean(),
})
const Step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ casts: fc.array(Cast, { maxLength: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ finalBack: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ dropDepth: fc.integer({ min: 1, max: 3 }) }) },
)
const World = fc.record({
  stories: fc.array(Story, { minLength: BALLOTS, maxLength: BALLOTS }),
  steps: fc.array(Step, { minLength: 1, maxLength: 14 }),
  isSealed: fc.boolean(),
})
type World = typeof World extends fc.Arbitrary<infer Value> ? Value : never

const STATUS = { receipt: 202, forged: 202, refused: 409, overloaded: 503, broken: 500, timeout: 0 }

type Told = { kind: string; ballot: number }
type Expected = { counts: Record<string, number>; told: Told[]; votes: number[] }

/** A block of the oracle's chain, with its finality. */
type Entry = { number: number; branch: string; casts: number[][]; isFinal: boolean }

describe('reconcile', () => {
  test('behavior: agrees with a naive oracle on any history and any chain', async () => {
    await fc.assert(
      fc.asyncProperty(World, async (world) => {
        const sandbox = Sandbox.create(BALLOTS)
        try {
          writeHistory(sandbox, world)
          const chain = build(world)
          sandbox.observations(chain.observations)
          const books = await sandbox.reconcile()
          const expected = oracle(world, chain)
          expect(books.problems).toEqual([])
          expect(books.counts).toMatchObject(expected.counts)
          const told = books.findings.listed.map(({ kind, ballot = BALLOTS }) => ({ kind, ballot }))
          expect(sorted(told)).toEqual(sorted(expected.told))
          expect(books.recount[0]?.votes).toEqual(expected.votes)
        } finally {
          sandbox.dispose()
        }
      }),
      { numRuns: 400, seed: 20_261_122 },
    )
  })
})

function writeHistory(sandbox: Sandbox.Sandbox, { stories }: World): void {
  const attempts = stories.flatMap(({ handed, answers }, ballot) =>
    (handed ? answers : []).map((answer, index) => {
      const intendedAtMs = Sandbox.START_AT_MS + ballot * 10
      const times = { intendedAtMs, sentAtMs: intendedAtMs + 1, doneAtMs: intendedAtMs + 9 }
      const line = { ballot, attempt: index + 1, ...times, status: STATUS[answer] }
      return HistoryLine.formatAttempt({ ...line, body: bodyOf(sandbox, ballot, answer) })
    }),
  )
  const handedOver = stories.flatMap(({ handed }, first) =>
    handed ? [HistoryLine.formatHandOver({ first, count: 1, atMs: Sandbox.START_AT_MS })] : [],
  )
  sandbox.history(attempts.toReversed(), handedOver)
}

function bodyOf(sandbox: Sandbox.Sandbox, ballot: number, answer: Answer): string {
  if (answer === 'receipt') return sandbox.receipt(ballot)
  if (answer === 'forged') return sandbox.receipt(ballot, {}, Buffer.alloc(32, 9))
  return answer === 'timeout' ? '1050 request timeout' : '{"code":"OVERLOADED","message":"later"}'
}

type Chain = { observations: Observation[]; standing: Entry[]; dropped: Entry[] }

function build({ steps, isSealed }: World): Chain {
  const observations: Observation[] = []
  let standing: Entry[] = []
  const dropped: Entry[] = []
  let branch = 'a'
  const append = (casts: number[][], timestamp?: number): void => {
    const parent = standing.at(-1)
    const number = (parent?.number ?? 0) + 1
    standing.push({ number, branch, casts, isFinal: false })
    observations.push(
      Sandbox.block(
        number,
        casts.map(([ballot = 0, choice = 0]) => [1, Sandbox.voterOf(ballot), choice, 0]),
        {
          branch,
          parentBranch: parent?.branch ?? branch,
          ...(timestamp === undefined ? {} : { timestamp }),
        },
      ),
    )
  }
  const finalise = (entry: Entry | undefined): void => {
    if (entry === undefined) return
    for (const one of standing) if (one.number <= entry.number) one.isFinal = true
    observations.push(Sandbox.final(entry.number, entry.branch))
  }
  for (const step of steps) {
    if ('casts' in step) {
      append(step.casts.map(({ ballot, choice, isTrue }) => [ballot, isTrue ? ballot % 3 : choice]))
    } else if ('finalBack' in step) {
      finalise(standing.at(-1 - step.finalBack))
    } else if (standing.length > 0) {
      const gone = standing.slice(-step.dropDepth)
      standing = standing.slice(0, -step.dropDepth)
      dropped.push(...gone)
      const number = (gone[0]?.number ?? 1) - 1
      const droppedHashes = gone.map(() => '0x00')
      observations.push({
        kind: 'reorganisation',
        number,
        depth: gone.length,
        droppedHashes,
        atMs: 1,
      })
      branch += 'b'
    }
  }
  if (isSealed) {
    append([], Sandbox.SEALS_AT + 1)
    finalise(standing.at(-1))
  }
  return { observations, standing, dropped }
}

/** The same questions, answered ballot by ballot from plain lists. */
function oracle({ stories, isSealed }: World, { standing, dropped }: Chain): Expected {
  const told: Told[] = []
  const reached = { included: 0, final: 0, lost: 0, pending: 0, reorganised: 0 }
  const count = { acknowledged: 0, refused: 0, indeterminate: 0, unsent: 0, ...reached }
  const finalCasts = standing.filter(({ isFinal }) => isFinal).flatMap(({ casts }) => casts)
  const allCasts = standing.flatMap(({ casts }) => casts)
  const undoneCasts = dropped.flatMap(({ casts }) => casts)
  const broken = dropped.filter(({ isFinal }) => isFinal)
  const brokenCasts = broken.flatMap(({ casts }) => casts)
  stories.forEach(({ handed, answers }, ballot) => {
    const outcome = outcomeOf(handed, answers)
    count[outcome] += 1
    const seen = finalCasts.filter(([of]) => of === ballot)
    if (allCasts.some(([of]) => of === ballot)) count.included += 1
    if (seen.length > 0) count.final += 1
    if (undoneCasts.some(([of]) => of === ballot)) count.reorganised += 1
    if (seen.length > 1) told.push({ kind: 'duplicated', ballot })
    if (seen.some(([, choice]) => choice !== ballot % 3)) told.push({ kind: 'altered', ballot })
    const isUnacknowledged = outcome === 'refused' || outcome === 'unsent'
    if (seen.length > 0 && isUnacknowledged) told.push({ kind: 'unexpected', ballot })
    if (brokenCasts.some(([of]) => of === ballot)) told.push({ kind: 'finalityBroken', ballot })
    if (handed && answers.includes('forged')) told.push({ kind: 'invalidReceipt', ballot })
    if (outcome !== 'acknowledged' || seen.length > 0) return
    count[isSealed ? 'lost' : 'pending'] += 1
    if (isSealed) told.push({ kind: 'lost', ballot })
  })
  const alien = (kind: string, casts: number[][]): Told[] =>
    casts.filter(([of]) => of === BALLOTS).map(() => ({ kind, ballot: BALLOTS }))
  told.push(...alien('unexpected', finalCasts), ...alien('finalityBroken', brokenCasts))
  const emptyBroken = broken.filter(({ casts }) => casts.length === 0)
  told.push(...emptyBroken.map(() => ({ kind: 'finalityBroken', ballot: BALLOTS })))
  const votes = [0, 1, 2].map((option) => finalCasts.filter(([, of]) => of === option).length)
  const attempted = BALLOTS - count.unsent
  return { counts: { planned: BALLOTS, attempted, ...count }, told, votes }
}

function outcomeOf(
  handed: boolean,
  answers: readonly Answer[],
): 'acknowledged' | 'indeterminate' | 'refused' | 'unsent' {
  if (!handed) return 'unsent'
  if (answers.includes('receipt')) return 'acknowledged'
  if (answers.length === 0) return 'indeterminate'
  const isOpen = answers.some((answer) => ['forged', 'broken', 'timeout'].includes(answer))
  return isOpen ? 'indeterminate' : 'refused'
}

function sorted(told: Told[]): Told[] {
  return told.toSorted((a, b) => a.kind.localeCompare(b.kind) || a.ballot - b.ballot)
}
