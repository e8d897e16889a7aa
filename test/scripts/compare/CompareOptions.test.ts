import { describe, expect, test } from 'vitest'

import * as CompareOptions from '../../../scripts/compare/CompareOptions.ts'
import { UsageError } from '../../../scripts/UsageError.ts'

/** Those of this project; another one is nothing to these tests. */
const DESIGNS = 'legacy,active-citizen-2017,anchored,relayed,direct'

function problemsOf(flags: CompareOptions.Flags): readonly string[] {
  try {
    CompareOptions.parse(flags)
    return []
  } catch (error) {
    if (error instanceof UsageError) return error.problems
    throw error
  }
}

describe('parse', () => {
  test('default: each design once, on qbft where it has a chain', () => {
    const { pairings, overloadMs } = CompareOptions.parse({ designs: DESIGNS })
    expect(pairings.map(({ rig }) => [rig.design.name, rig.network])).toEqual([
      ['legacy', undefined],
      ['active-citizen-2017', 'qbft'],
      ['anchored', 'qbft'],
      ['relayed', 'qbft'],
      ['direct', 'qbft'],
    ])
    expect(overloadMs).toBe(75_000)
    expect(pairings[0]?.plan).toMatchObject({ voters: 20_000 })
    expect(pairings[3]?.saturation.arrivals).toEqual({
      kind: 'stages',
      stages: [{ ratePerS: 500, durationMs: 75_000 }],
    })
  })

  test('behavior: the overload of a greater machine is what the user says', () => {
    const flags = { designs: 'relayed,direct', overloadRate: '2500', overload: '4s' }
    const { pairings } = CompareOptions.parse(flags)
    for (const { saturation } of pairings) {
      expect(saturation.arrivals).toEqual({
        kind: 'stages',
        stages: [{ ratePerS: 2500, durationMs: 4000 }],
      })
    }
  })

  test('behavior: each design takes what has an effect in it', () => {
    const flags = { designs: DESIGNS, apiReplicas: '2', relayers: '3', batchSize: '100', seed: 'x' }
    const { pairings } = CompareOptions.parse({ ...flags, networks: 'qbft,clique' })
    const seen = pairings.map(({ rig }) => [rig.design.name, rig.apiReplicas, rig.relayers])
    expect(seen).toEqual([
      ['legacy', 2, 1],
      ...Array.from({ length: 2 }, () => ['active-citizen-2017', 2, 1]),
      ...Array.from({ length: 2 }, () => ['anchored', 2, 1]),
      ...Array.from({ length: 2 }, () => ['relayed', 2, 3]),
      ...Array.from({ length: 2 }, () => ['direct', 1, 1]),
    ])
    expect(pairings.map(({ rig }) => rig.batchSize)).toEqual([
      undefined,
      undefined,
      undefined,
      100,
      100,
      100,
      100,
      undefined,
      undefined,
    ])
    expect(pairings.every(({ rig }) => rig.seed === 'x')).toBe(true)
  })

  test.each([
    [{ designs: 'legcy,relayed' }, '--designs: "legcy" is unknown; take one of legacy, '],
    [{ networks: 'external' }, '--networks: "external" is unknown; take one of qbft, clique, '],
    [
      { designs: 'anchored', relayers: '2' },
      '--relayers has no effect: the contract of design anc',
    ],
    [
      { designs: DESIGNS, batchSize: '801' },
      '--batch-size: "801" is no whole number from 1 to 800, as design relay',
    ],
    [{ designs: 'legacy', batchSize: '8' }, '--batch-size has no effect: design legacy has no ch'],
    [{ voters: '10' }, '1200 ballots are more than 10 voters can cast'],
  ])('error: %j, refused with the reason and no other', (flags, problem) => {
    expect(problemsOf(flags)).toEqual([expect.stringContaining(problem)])
  })

  test('behavior: a larger batch where all designs take it', () => {
    expect(problemsOf({ designs: 'anchored,legacy', batchSize: '5800' })).toEqual([])
  })
})

describe('command', () => {
  test('default', () => {
    const flags = { designs: 'relayed', rate: '20', batchSize: '7', out: '/x', json: true }
    expect(CompareOptions.command(flags)).toBe(
      'npm run storm -- compare-designs --seed 1 --designs relayed --batch-size 7',
    )
  })
})
