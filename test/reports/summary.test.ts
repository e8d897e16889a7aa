import { describe, expect, test } from 'vitest'

import { summary } from '../../reports/summary.ts'
import * as runs from '../fixtures/runs.ts'

const LINES_MAX = 25

describe('summary', () => {
  test('default', () => {
    expect(summary(runs.passed())).toMatchInlineSnapshot(`
      "Rehearsal: passed, every acknowledged ballot is final and as signed
      peak-2017 · relayed · qbft, 4 validators

      verdict        PASS  All 3 objectives are met.
                           The books balance.
      validity       VALID  Every planned ballot was sent, late by 3.9 ms at p99.
      ballots        planned 5,520, unsent 0, acknowledged 5,520, refused 0, indeterminate 0
      books          final 5,520, pending 0, no findings
      rates          offered 46/s, acknowledged 46/s, final 45.4/s
      acknowledged   p50 6.2 ms, p90 12 ms, p99 41 ms, p99.9 96 ms, slowest 212 ms  (n = 5,520)
      included       p50 1.18 s, p90 1.84 s, p99 2.21 s, p99.9 2.95 s, slowest 3.12 s  (n = 5,520)
      final          p50 1.24 s, p90 1.91 s, p99 2.28 s, p99.9 3.01 s, slowest 3.19 s  (n = 5,520)
      objective      met: Time to finality, p99 2.28 s (limit 10 s)
      objective      met: Time to the answer, p99 41 ms (limit 1 s)
      objective      met: Refused or unknown ballots 0 % (limit 0.1 %)
      contract       0xc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0, from block 3
      commit, seed   e0c93a9f2b1d, 1
      repeat         npm run storm -- run peak-2017 --seed 1"
    `)
  })

  test('behavior: every run fits a terminal', () => {
    for (const make of Object.values(runs)) {
      const lines = summary(make()).split('\n')
      expect(lines.length).toBeLessThanOrEqual(LINES_MAX)
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100)
    }
  })

  test('behavior: colours come from the caller alone', () => {
    const painted = summary(runs.integrityViolated(), (colour, text) => `<${colour}>${text}</>`)
    expect(painted).toContain('<red>FAIL</>  3 ballots lost.')
    expect(painted).toContain('<green>VALID</>')
    expect(summary(runs.integrityViolated())).not.toContain('\u001B')
  })

  test('behavior: control characters of a record never reach the terminal', () => {
    const run = runs.passed()
    const attack = '\u001B[2J\u0007\u009B31m\rall is well'
    const text = summary({
      ...run,
      scenario: attack,
      command: attack,
      seed: attack,
      verdict: { value: 'PASS', reasons: [attack] },
    })
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    expect(text).toContain('all is well')
  })
})
