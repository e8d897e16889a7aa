import { describe, expect, test } from 'vitest'

import type { Run } from '../../../metrics/Run.ts'
import { entryOf } from '../../../metrics/verdict/comparisonEntry.ts'
import * as Runs from '../../fixtures/runs.ts'

const PAIRING = {
  design: {
    name: 'relayed',
    description: 'signed ballots in batches',
    trusted: 'nobody',
    readerChecks: 'every signature',
    witness: 'chain',
  },
  network: 'qbft',
} as const

/** Ballots a second that this overload offers and, from its first second on, brings to the chain. */
const [OFFERED, CARRIED] = [200, 100]

/** Seconds of the overload; then what waits is carried. */
const OVERLOAD_S = 100

function perSecond(name: string, valueAt: (second: number) => number): Run['series'][number] {
  const points = Array.from({ length: 2 * OVERLOAD_S }, (_, second): [number, number] => [
    second,
    valueAt(second),
  ])
  return { name, unit: 'ballots/s', source: 'harness', points }
}

function offered(second: number): number {
  return second < OVERLOAD_S ? OFFERED : 0
}

function overload(changes: Partial<Run> = {}): Run {
  return {
    ...Runs.passed(),
    series: [
      perSecond('ballots_offered', offered),
      perSecond('ballots_acknowledged', offered),
      perSecond('ballots_final', () => CARRIED),
    ],
    ...changes,
  }
}

function withBlocks(changes: Partial<Run['blocks']>): Run {
  const run = overload()
  return { ...run, blocks: { ...run.blocks, ...changes } }
}

function entry(runs: { plan?: Run; saturation?: Run; notes?: string[] }) {
  const { plan, saturation, notes = [] } = runs
  return entryOf(PAIRING, { plan, saturation, notes })
}

describe('entryOf', () => {
  test('default: what both runs of a design say', () => {
    const plan = Runs.passed()
    const found = entry({ plan, saturation: overload(), notes: ['fired once more'] })
    expect(found).toMatchObject({
      design: 'relayed',
      description: 'signed ballots in batches',
      trusted: 'nobody',
      readerChecks: 'every signature',
      witness: 'chain',
      network: 'qbft',
      validators: 4,
      gasLimit: 60_000_000,
      notes: ['fired once more'],
      plan: {
        runId: plan.id,
        load: plan.load.description,
        validity: plan.validity,
        verdict: plan.verdict,
        counts: { planned: 5520, attempted: 5520, acknowledged: 5520, final: 5520, pending: 0 },
        latencyMs: { ack: plan.latencyMs.ack, finality: plan.latencyMs.finality },
        reorganisations: 0,
        gasPerBallot: 17_840,
        bytesPerBallot: null,
        stealShare: 0.021,
        foreignCpuShare: 0.034,
      },
      saturation: { runId: plan.id },
    })
    expect(found.plan?.counts.findings).toBe(0)
  })

  test('behavior: the capacity is what a queue left behind, and the days that it takes follow', () => {
    const { capacity } = entry({ plan: Runs.passed(), saturation: overload() })
    // Median finality of the plan 1.24 s: from 2 × 100 × 1.24 ballots that wait there is a queue, and
    // 100 more wait after each second, and 10,000 at the end, of which 300 are left after 97 more.
    expect(capacity).toMatchObject({ perS: CARRIED, isSaturated: true, fromS: 2, untilS: 197 })
    expect(capacity?.queue).toBe('before finality')
    expect(capacity?.days.ballots220k).toBeCloseTo(220_000 / CARRIED / 86_400)
    expect(capacity?.days.ballots2M).toBeCloseTo(2_000_000 / CARRIED / 86_400)
    expect(capacity?.days.ballots12M).toBeCloseTo(12_000_000 / CARRIED / 86_400)
    // 60,000,000 gas hold 3,363 ballots of 17,840 in a block of one second.
    expect(capacity?.blockFillShare).toBeCloseTo(CARRIED / 3363)
  })

  test('behavior: without a plan the block time is how long an empty way takes', () => {
    const run = overload()
    const slow = run.network === null ? null : { ...run.network, blockTimeMs: 4000 }
    const { capacity } = entry({ saturation: { ...run, network: slow } })
    // From 2 × 100 × 4 ballots on.
    expect(capacity?.fromS).toBe(7)
    expect(capacity?.blockFillShare).toBeCloseTo((4 * CARRIED) / 3363)
  })

  test('behavior: without chain and plan every ballot that waits is a queue', () => {
    expect(entry({ saturation: overload({ network: null }) }).capacity?.fromS).toBe(0)
  })

  test('behavior: nothing follows from an overload with a breach, or one that cannot be believed', () => {
    const breached = overload({ findings: { count: 1, listed: [] } })
    const bound = overload({ validity: { value: 'GENERATOR_BOUND', reasons: [] } })
    for (const saturation of [breached, bound]) {
      expect(entry({ plan: Runs.passed(), saturation }).capacity).toBeNull()
    }
    expect(entry({ saturation: breached }).saturation?.counts.findings).toBe(1)
  })

  test('behavior: an overload of which nothing became final has no capacity', () => {
    const none = [perSecond('ballots_offered', () => 1), perSecond('ballots_final', () => 0)]
    expect(entry({ saturation: overload({ series: none }) }).capacity).toBeNull()
  })

  test('behavior: a phase that did not run is a hole, and the other one is told', () => {
    expect(entry({ saturation: overload() })).toMatchObject({ plan: null, validators: 4 })
    const planOnly = entry({ plan: Runs.passed() })
    expect(planOnly).toMatchObject({ saturation: null, capacity: null, gasLimit: 60_000_000 })
    const neither = entry({})
    expect(neither).toMatchObject({ plan: null, validators: null, gasLimit: null })
  })

  test('behavior: a design without a chain has no gas, no nodes and no blocks', () => {
    const run = overload({ network: null })
    const found = entryOf({ design: PAIRING.design }, { plan: run, saturation: run, notes: [] })
    expect(found).toMatchObject({ network: null, validators: null, gasLimit: null })
    expect(found.plan).toMatchObject({ gasPerBallot: null, bytesPerBallot: null })
    expect(found.plan?.cpuSPer1000.nodes).toBeNull()
    expect(found.capacity?.blockFillShare).toBeNull()
  })

  test('behavior: CPU for a thousand ballots, by whose it is', () => {
    const run = Runs.passed()
    const cpuSByProcess = { 'validator-2': 10, validator: 1, api: 3, 'relayer-2': 2, k6: 50 }
    const told = { ...run, machine: { ...run.machine, cpuSByProcess } }
    expect(entry({ plan: told }).plan?.cpuSPer1000).toEqual({
      nodes: (11 * 1000) / 5520,
      system: (5 * 1000) / 5520,
      generator: (3.1 * 1000) / 5520,
    })
  })

  test('behavior: where nothing became final no CPU is told for a ballot', () => {
    const run = Runs.empty()
    expect(entry({ plan: run }).plan?.cpuSPer1000).toEqual({
      nodes: null,
      system: null,
      generator: null,
    })
  })

  test('behavior: blocks that hold no ballot, or whose gas nobody knows, have no fill', () => {
    for (const gasPerBallot of [null, 0, 60_000_001]) {
      expect(
        entry({ saturation: withBlocks({ gasPerBallot }) }).capacity?.blockFillShare,
      ).toBeNull()
    }
    const one = withBlocks({ gasPerBallot: 60_000_000, bytesPerBallot: 92 })
    expect(entry({ saturation: one }).capacity?.blockFillShare).toBe(CARRIED)
    expect(entry({ saturation: one }).saturation?.bytesPerBallot).toBe(92)
  })
})
