import { describe, expect, test } from 'vitest'

import * as Benchmark from '../../../scripts/bench/Benchmark.ts'
import { table } from '../../../scripts/bench/table.ts'

const LEAST = { kind: 'least', value: 2, unit: 'times' } as const
const MOST = { kind: 'most', value: 400, unit: 'MB' } as const

function judge(limit: Benchmark.Limit, ...rounds: number[]) {
  return Benchmark.judge(limit, { rounds, details: '' })
}

describe('judge', () => {
  test('default: the median against the limit', () => {
    expect(judge(LEAST, 9, 2, 1)).toEqual({ value: 2, verdict: 'pass' })
    expect(judge(LEAST, 9, 1.9, 1)).toEqual({ value: 1.9, verdict: 'FAIL' })
    expect(judge(MOST, 400, 401)).toEqual({ value: 400.5, verdict: 'FAIL' })
    expect(judge(MOST, 400)).toEqual({ value: 400, verdict: 'pass' })
    expect(judge(LEAST)).toMatchObject({ verdict: 'FAIL' })
  })

  test('behavior: a miss that others may have caused is none, and no pass either', () => {
    const spoilt = { rounds: [1], details: '', isSpoilt: true }
    expect(Benchmark.judge(LEAST, spoilt).verdict).toBe('inconclusive')
  })
})

describe('alternate', () => {
  test('default: theirs over ours, without the round that warms up', async () => {
    const turns: string[] = []
    const measurement = await Benchmark.alternate({
      rounds: 2,
      names: ['ours', 'theirs'],
      ours: async (round) => {
        turns.push(`ours ${round}`)
        return round === 0 ? 1000 : 2
      },
      theirs: async (round) => {
        turns.push(`theirs ${round}`)
        return 10
      },
    })
    expect(turns).toEqual(['theirs 0', 'ours 0', 'theirs 1', 'ours 1', 'theirs 2', 'ours 2'])
    expect(measurement).toEqual({
      rounds: [5, 5],
      details: 'ours 500,000, theirs 100,000 per CPU-second',
    })
  })
})

describe('table', () => {
  test('default', () => {
    const benchmark = {
      name: 'memory',
      description: '',
      limit: MOST,
      measure: async () => ({ rounds: [], details: '' }),
    }
    const result = {
      benchmark,
      rounds: [300, 310],
      details: 'all well',
      stealShare: 0.015,
      foreignShare: 0,
      tookMs: 1,
      value: 305,
      verdict: 'pass',
    } as const
    expect(table([result])).toMatchInlineSnapshot(`
      "| benchmark | median | limit    | rounds               | steal | others | verdict | figures  |
      | --------- | ------ | -------- | -------------------- | ----- | ------ | ------- | -------- |
      | memory    | 305 MB | ≤ 400 MB | 300 MB to 310 MB (2) | 1.5 % | 0.0 %  | pass    | all well |"
    `)
  })
})
