import { describe, expect, test } from 'vitest'

import type { Run } from '../../metrics/Run.ts'
import * as Report from '../../reports/Report.ts'
import * as runs from '../fixtures/runs.ts'

/** A run of 50 polls, the first of them 49 to 50 votes, the next 49 to 51, and so on. */
function manyPolls(change: Partial<Record<number, Partial<Run['polls'][number]>>> = {}): Run {
  const run = runs.passed()
  const polls = Array.from({ length: 50 }, (_, index) => {
    const recount = [49, 50 + index]
    const poll = { pollId: index + 1, question: `House ${index + 1}?`, options: ['Yes', 'No'] }
    return { ...poll, tally: recount, recount, ...change[index + 1] }
  })
  return { ...run, polls: polls.map((poll) => ({ ...run.polls[0], ...poll })) }
}

describe('polls', () => {
  test('default: of too many the most narrowly decided ones, and a word on all', () => {
    const { listed, summary } = Report.from(manyPolls()).polls
    expect(listed.map(({ pollId }) => pollId)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    )
    expect(summary).toEqual([
      '50 polls: in 50 tally and recount agree, in 0 they differ, of 0 the tally was not read.',
      'In 1 of them a single ballot decides, or would break a tie.',
      'Listed are 40: those that differ first, then the most narrowly decided ones. run.json holds all.',
    ])
  })

  test('behavior: one that differs, or was not read, is never left out', () => {
    const { listed, summary } = Report.from(
      manyPolls({
        49: { tally: [50, 98] },
        50: { tally: null },
        3: { tally: [0, 0], recount: [0, 0] },
      }),
    ).polls
    expect(listed.slice(0, 3).map(({ pollId }) => pollId)).toEqual([49, 50, 1])
    expect(listed.map(({ pollId }) => pollId)).not.toContain(3)
    expect(summary[0]).toBe(
      '50 polls: in 48 tally and recount agree, in 1 they differ, of 1 the tally was not read.',
    )
    expect(summary[1]).toContain('; 1 have no ballot.')
  })
})
