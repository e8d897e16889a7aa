import { describe, expect, test } from 'vitest'

import type { Series } from '../../metrics/series/Series.ts'
import { waitingBallots } from '../../reports/charts/backlog.ts'
import { charts } from '../../reports/charts/charts.ts'
import { throughput } from '../../reports/charts/throughput.ts'
import { thinOut } from '../../reports/charts/thinOut.ts'
import * as runs from '../fixtures/runs.ts'

describe('charts', () => {
  test('default', () => {
    const { overTime, percentiles } = charts(runs.passed())
    expect(overTime.map(({ id }) => id)).toEqual(['throughput', 'latency', 'backlog', 'blocks'])
    expect(percentiles?.legend[2]?.name).toBe('Final: 5,520 samples, 0 unfinished')
    for (const { wide, narrow } of overTime) {
      expect(wide).toMatch(/^<svg viewBox="0 0 960 280"/)
      expect(narrow).toMatch(/^<svg viewBox="0 0 342 230"/)
      expect(wide + narrow).not.toMatch(/<style|<script|NaN|class=|zr\d/)
    }
  })

  test('behavior: without samples there is no chart', () => {
    expect(charts(runs.empty())).toEqual({ overTime: [], percentiles: undefined })
  })
})

describe('throughput', () => {
  test('behavior: instant finality is one line, not two on top of each other', () => {
    const run = runs.passed()
    expect(throughput(run)?.legend.map(({ name }) => name)).toEqual([
      'offered',
      'acknowledged',
      'included and at once final',
    ])
    const series = run.series.map((one) =>
      one.name === 'ballots_final'
        ? { ...one, points: one.points.map(([s, v]): [number, number | null] => [s + 3, v]) }
        : one,
    )
    expect(throughput({ ...run, series })?.legend.map(({ name }) => name)).toEqual([
      'offered',
      'acknowledged',
      'included',
      'final',
    ])
  })

  test('behavior: the run’s own record is drawn, and only without it what Prometheus scraped', () => {
    const run = runs.passed()
    const scraped = run.series.map((one) => ({ ...one, source: 'prometheus' as const }))
    const both = throughput({ ...run, series: [...scraped, ...run.series] })
    expect(both?.source).toContain('the run itself recorded')
    const hollow = run.series.map((one) => ({ ...one, points: [] }))
    const drawn = throughput({ ...run, series: [...hollow, ...scraped] })
    expect(drawn?.source).toContain('Prometheus')
  })

  test('behavior: a day is drawn with as few points as two minutes', () => {
    const run = runs.passed()
    const points = Array.from({ length: 86_400 }, (_, s): [number, number] => [s, 100 + (s % 7)])
    const series = run.series.map((one) => ({ ...one, points }))
    const drawn = throughput({ ...run, series, load: { ...run.load, stormMs: 86_400_000 } })
    expect(drawn?.source).toMatch(/Each point stands for 270.s \(mean\)/)
    expect(drawn?.wide.length).toBeLessThan(40_000)
  })
})

describe('waitingBallots', () => {
  test('default', () => {
    const waiting = waitingBallots([
      counted('ballots_acknowledged', [10, 10, 0, 0]),
      counted('ballots_final', [0, 12, 3, 5]),
    ])
    expect(waiting?.points).toEqual([
      [0, 10],
      [1, 8],
      [2, 5],
      [3, 0],
    ])
  })

  test('behavior: without one of the two nothing is made up', () => {
    const [first] = runs.passed().series
    expect(waitingBallots(first === undefined ? [] : [first])).toBeUndefined()
  })
})

describe('thinOut', () => {
  test('default', () => {
    const points = [
      [0, 10],
      [1, 30],
      [2, 8],
      [3, null],
    ] as const
    expect(thinOut(points, 2, 'mean')).toEqual([
      [0, 20],
      [2, 8],
    ])
    expect(thinOut(points, 2, 'greatest')).toEqual([
      [0, 30],
      [2, 8],
    ])
  })

  test('behavior: a stall stays a gap', () => {
    const points = [
      [0, 5],
      [2, null],
      [3, null],
      [4, 5],
    ] as const
    expect(thinOut(points, 2, 'mean')).toEqual([
      [0, 5],
      [2, null],
      [4, 5],
    ])
  })
})

function counted(name: string, counts: readonly number[]): Series {
  return {
    name,
    unit: 'ballots/s',
    source: 'harness',
    points: counts.map((count, second) => [second, count]),
  }
}
