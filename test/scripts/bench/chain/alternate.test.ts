import { describe, expect, test } from 'vitest'

import * as Benchmark from '../../../../scripts/bench/Benchmark.ts'
import * as Alternate from '../../../../scripts/bench/chain/alternate.ts'
import type { MeasuredWindow } from '../../../../scripts/bench/chain/MeasuredWindow.ts'

const NAMES = ['ours', 'blast'] as const
const LIMIT = { kind: 'least', value: 2, unit: 'times' } as const

function turn(ratePerS: number, nodes: number, foreignShare = 0): MeasuredWindow {
  return {
    ratePerS,
    window: { ballots: ratePerS * 10, durationS: 10, blocks: 10, gas: 0 },
    cpuSPer1000: { nodes, bench: 0.001 },
    stealShare: 0.01,
    foreignShare,
  }
}

function round(ours: number, reference: number, foreignShare = 0): Alternate.Round {
  return { ours: turn(ours, 1, foreignShare), reference: turn(reference, 2) }
}

describe('judge', () => {
  test('default: the ratios of the rounds, with rates and CPU behind them', () => {
    const measurement = Alternate.judge(NAMES, [round(1500, 500), round(800, 400)], 0)
    expect(measurement.rounds).toEqual([3, 2])
    expect(measurement.isSpoilt).toBe(false)
    expect(measurement.details).toMatchInlineSnapshot(
      `"ours 1,150/s, 1.00 CPU-s per 1,000 (nodes 1.00), steal 1.0 %; blast 450/s, 2.00 CPU-s per 1,000 (nodes 2.00), steal 1.0 %; CPU ratio 2.00; 2 of 2 rounds undisturbed, 0 stalled"`,
    )
  })

  test('behavior: disturbed rounds are left out where there are enough others', () => {
    const rounds = [round(1500, 500), round(100, 500, 0.3), round(800, 400)]
    expect(Alternate.judge(NAMES, rounds, 0)).toMatchObject({ rounds: [3, 2], isSpoilt: false })
  })

  test('behavior: with too few undisturbed rounds a miss is no verdict, and a pass is one', () => {
    const missed = Alternate.judge(NAMES, [round(100, 500, 0.3), round(800, 400)], 1)
    expect(missed.rounds).toHaveLength(2)
    expect(Benchmark.judge(LIMIT, missed).verdict).toBe('inconclusive')
    const kept = Alternate.judge(NAMES, [round(1500, 500, 0.3)], 0)
    expect(Benchmark.judge(LIMIT, kept).verdict).toBe('pass')
  })

  test('behavior: without a single whole round there is no verdict', () => {
    expect(Benchmark.judge(LIMIT, Alternate.judge(NAMES, [], 3)).verdict).toBe('inconclusive')
  })
})
