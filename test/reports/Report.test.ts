import { describe, expect, test } from 'vitest'

import type { Run } from '../../metrics/Run.ts'
import * as Report from '../../reports/Report.ts'
import * as runs from '../fixtures/runs.ts'

describe('from', () => {
  test('default', () => {
    const report = Report.from(runs.passed())
    expect(report.headline).toMatchObject({
      text: 'Rehearsal: passed, every acknowledged ballot is final and as signed',
      standing: 'pass',
      partial: undefined,
    })
    expect(report.warnings).toEqual([])
    expect(report.books.identities).toEqual([
      { rule: 'planned = attempted + unsent', numbers: '5,520 = 5,520 + 0', balances: true },
      {
        rule: 'attempted = acknowledged + refused + indeterminate',
        numbers: '5,520 = 5,520 + 0 + 0',
        balances: true,
      },
    ])
    expect(report.objectives.map(({ met }) => met)).toEqual(['met', 'met', 'met'])
  })

  test('behavior: a good judgement without a reason says what it rests on', () => {
    const run = runs.passed()
    const { verdict, validity } = Report.from({
      ...run,
      verdict: { value: 'PASS', reasons: [] },
      validity: { value: 'VALID', reasons: [] },
    })
    expect(verdict.reasons).toEqual([
      '3 of 3 objectives met.',
      'The books of 5,520 ballots balance.',
    ])
    expect(validity.reasons).toEqual([
      '5,520 of 5,520 planned ballots sent, 99 of 100 at most 3.9\u202Fms late.',
    ])
  })

  test('behavior: the first sentence counts over all who tried, and says why they were refused', () => {
    const run = runs.passed()
    const counts = {
      ...run.counts,
      planned: 4800,
      attempted: 4800,
      acknowledged: 2072,
      final: 2072,
    }
    const refusals = ['QUEUE_FULL', 'RATE_LIMITED', 'HTTP 502', 'x', 'y'].map((reason, index) => ({
      reason,
      count: 600 - index,
    }))
    const { headline, figures, books } = Report.from({
      ...run,
      counts: { ...counts, refused: 2700, indeterminate: 28 },
      refusals,
      verdict: { value: 'FAIL', reasons: [] },
    })
    expect(headline.sentence.replaceAll('\u202F', ' ')).toMatch(
      /^Of 4,800 voters who tried, 2,072 \(43.2 %\) were acknowledged, 2,700 \(56.3 %\) refused, by QUEUE_FULL 600, RATE_LIMITED 599, HTTP 502 598, 2 more, 28 \(0.6 %\) without a definite answer; 2,072 ballots became final/,
    )
    expect(figures[0]?.value.replaceAll('\u202F', ' ')).toBe('43.2 %')
    expect(books.outcomes.map(({ name }) => name)).toContain('– QUEUE_FULL')
  })

  test('behavior: no run of a rehearsal is ever called a GO', () => {
    for (const kind of ['qbft', 'anvil', 'external']) {
      const passed = runs.passed()
      if (passed.network === null) throw new Error('The fixture has a network.')
      const { headline } = Report.from({ ...passed, network: { ...passed.network, kind } })
      expect(headline.text).toMatch(/^Rehearsal: /)
      expect(headline.decision).toContain('cannot be a GO')
    }
  })

  test('behavior: a breach of integrity comes before any other judgement', () => {
    const violated = runs.integrityViolated()
    const all: Run[] = [
      violated,
      { ...violated, interrupted: true },
      { ...violated, validity: { value: 'GENERATOR_BOUND', reasons: [] } },
      // A verdict that overlooks its own findings must not colour the page green.
      { ...violated, verdict: { value: 'PASS', reasons: [] } },
    ]
    for (const run of all) {
      const { headline } = Report.from(run)
      expect(headline.standing).toBe('fail')
      expect(headline.text).toContain('the books do not balance (8 findings)')
    }
  })

  test('behavior: each kind of finding is counted, with names for the listed ones', () => {
    const { books } = Report.from(runs.integrityViolated())
    expect(Object.fromEntries(books.findings.map(({ name, count }) => [name, count]))).toEqual({
      Lost: '3',
      Duplicated: '1',
      Altered: '2',
      Unexpected: '1',
      'Finality broken': '0',
      'Invalid receipt': '0',
      'Tally mismatch': '1',
      'Nodes disagree': '0',
      'Broken block': '0',
      Contradiction: '0',
    })
    expect(books.listed[0]).toMatchObject({
      kind: 'Lost',
      where: 'ballot 812 · poll 0 · voter 5684 · between voter and database',
    })
    expect(books.cut).toBeUndefined()
  })

  test('behavior: a list that is cut says so', () => {
    const run = runs.integrityViolated()
    const { books } = Report.from({ ...run, findings: { ...run.findings, count: 5000 } })
    expect(books.cut).toContain('8 of 5,000 findings')
  })

  test('behavior: a generator that was the bottleneck gives no verdict', () => {
    const { headline, warnings } = Report.from(runs.generatorBound())
    expect(headline).toMatchObject({
      text: 'Rehearsal: no verdict, the load generator was the bottleneck',
      standing: 'unsure',
    })
    expect(warnings).toHaveLength(2)
  })

  test('behavior: an interrupted run is marked in its headline', () => {
    const { headline, warnings } = Report.from(runs.interrupted())
    expect(headline.text).toMatch(/^Interrupted rehearsal: /)
    expect(headline.standing).toBe('unsure')
    expect(headline.partial).toContain('16:15:10 UTC only')
    expect(warnings).toContain(
      '26 acknowledged ballots had become neither final nor lost when the run ended.',
    )
  })

  test('behavior: without a sample nothing is met and no figure is a number', () => {
    const report = Report.from(runs.empty())
    expect(report.objectives.map(({ met, measured }) => `${met} ${measured}`)).toEqual([
      'unknown no samples',
      'unknown no samples',
      'unknown no samples',
    ])
    expect(report.headline.standing).toBe('unsure')
    expect(JSON.stringify(report)).not.toMatch(/NaN|Infinity|undefined|null/)
  })

  test('behavior: an objective that claims to be met without a sample is unknown', () => {
    const run = runs.passed()
    const objectives = run.objectives.map((objective) => ({ ...objective, measured: null }))
    expect(Report.from({ ...run, objectives }).objectives.map(({ met }) => met)).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ])
  })

  test('behavior: sums are worked out again, not believed', () => {
    const run = runs.passed()
    const { books, warnings } = Report.from({
      ...run,
      counts: { ...run.counts, acknowledged: 5519 },
    })
    expect(books.identities.map(({ balances }) => balances)).toEqual([true, false])
    expect(warnings).toEqual([
      'A sum of the record does not come out: attempted = acknowledged + refused + indeterminate, but 5,520 = 5,519 + 0 + 0.',
    ])
  })

  test('behavior: a tally that differs from the recount in one option is seen, also at equal totals', () => {
    const { listed, summary } = Report.from(runs.integrityViolated()).polls
    expect(summary).toEqual([])
    expect(listed.map(({ standing }) => standing)).toEqual(['differs', 'agrees'])
    expect(listed[0]?.options.map(({ agrees }) => agrees)).toEqual([false, false, true])
  })

  test('behavior: votes for an option that does not exist are shown', () => {
    const run = runs.passed()
    const polls = run.polls.map((poll) => ({ ...poll, recount: [...poll.recount, 5] }))
    const options = Report.from({ ...run, polls }).polls.listed[1]?.options ?? []
    expect(options.at(-1)).toMatchObject({ name: 'choice 2 (no such option)', agrees: false })
  })

  test('behavior: a database that may forget is a warning', () => {
    const run = runs.passed()
    if (run.database === null) throw new Error('The fixture has a database.')
    const database = { ...run.database, synchronousCommit: 'off', walSyncs: 0 }
    expect(Report.from({ ...run, database }).warnings).toEqual([
      'The database ran with synchronous_commit off: an acknowledged ballot could be lost in a crash.',
      'The database synced its log not once: nothing shows that acknowledged ballots were durable.',
    ])
  })

  test('behavior: every report names what the design cannot show, and once', () => {
    const run = runs.passed()
    const said = [
      'No ballot secrecy: whoever reads the chain sees who chose what.',
      'No freedom from receipts: a voter can prove the choice to a buyer.',
      'Interim results are visible while the poll is open.',
    ]
    for (const notes of [[], said]) {
      const report = Report.from({ ...run, notes })
      const all = [...report.limits, ...report.notes]
      for (const topic of [/ballot secrecy/, /freedom from receipts/, /Interim results/]) {
        expect(all.filter((text) => topic.test(text))).toHaveLength(1)
      }
    }
  })
})
