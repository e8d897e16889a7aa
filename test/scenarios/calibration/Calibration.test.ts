import { describe, expect, test } from 'vitest'

import * as cities from '../../../scenarios/cities/cities.ts'
import * as Calibration from '../../../scenarios/calibration/Calibration.ts'
import * as ChiSquared from '../../../scenarios/calibration/ChiSquared.ts'
import { modelRows } from '../../../scenarios/calibration/modelRows.ts'
import { publishedRows } from '../../../scenarios/calibration/publishedRows.ts'
import { problems } from '../../../scenarios/calibration/Row.ts'
import * as SeedCount from '../../../scenarios/calibration/SeedCount.ts'
import * as City from '../../../scenarios/population/City.ts'
import type { CityModel } from '../../../scenarios/population/CityModel.ts'
import { flatDay, smallCity, uniformHabit } from '../population/smallCity.ts'

const ALL = { ballotsMax: 1e9, followedMin: 20_000 }
const SEEDS = ['1', '2', '3']

function count(model: CityModel, seed: string, options = ALL): SeedCount.SeedCount {
  return SeedCount.count(City.create(model, { seed }), options)
}

/** What is off with counts of one model held against another. */
function problemsOf(model: CityModel, counts: readonly SeedCount.SeedCount[]): string[] {
  return problems([
    ...publishedRows(model, counts),
    ...modelRows(model, counts, ChiSquared.Z_99),
  ]).map((problem) => problem.split(':')[0] ?? problem)
}

describe('calibrate', () => {
  test('default: a small city keeps what it says, under three seeds', () => {
    const model = smallCity()
    const counts = SEEDS.map((seed) => count(model, seed))
    expect(problemsOf(model, counts)).toEqual([])
    const calibration = Calibration.from(model, counts)
    expect(calibration.problems).toEqual([])
    expect(calibration.enumerated).toEqual({
      voters: [40_000, 40_000, 40_000],
      ballots: [184_000, 184_000, 184_000],
      followed: calibration.enumerated.followed,
    })
    const { detail } = calibration
    expect(detail.habit.reduce((sum, { voters }) => sum + voters, 0)).toBe(40_000)
    expect(detail.polls.map(({ rank }) => rank)).toEqual(
      Array.from({ length: 345 }, (_, k) => k + 1),
    )
    for (const { counted, expected } of detail.districts) {
      expect(counted / expected).toBeCloseTo(1, 1)
    }
  })

  test('behavior: the published city, on a sample of its polls', { timeout: 300_000 }, () => {
    const model = cities.read('active-citizen')
    const sampled = count(model, '1', { ballotsMax: 1e6, followedMin: 400_000 })
    expect(sampled.ballots.enumerated).toBeGreaterThan(1e6)
    expect(sampled.ballots.enumerated).toBeLessThan(13e6)
    expect(problemsOf(model, [sampled])).toEqual([])
  })

  test('behavior: votes vary far more than by chance, as much as habits differ', () => {
    const { perVoter } = count(smallCity(), '1').ballots
    expect(perVoter.mean).toBeCloseTo(4.6, 10)
    expect(perVoter.variance / perVoter.mean).toBeGreaterThan(5)
  })

  test('mutant: uniform habit fails the habit', () => {
    const model = smallCity()
    const counts = SEEDS.map((seed) => count(uniformHabit(model), seed))
    expect(problemsOf(model, counts)).toEqual([
      'variance of the votes a voter, over that of pure chance (Poisson)',
    ])
  })

  test('mutant: a flat day fails dispersion and peak', () => {
    const small = smallCity()
    const model: CityModel = {
      ...small,
      published: [{ fact: 'peakPerMinute', value: 25, source: 'made up' }],
    }
    expect(
      problemsOf(
        model,
        SEEDS.map((seed) => count(model, seed)),
      ),
    ).toEqual([])
    const counts = SEEDS.map((seed) => count(flatDay(model), seed))
    expect(problemsOf(model, counts)).toEqual([
      'ballots in the peak minute',
      'ballots a minute about the day’s curve',
    ])
  })

  test('mutant: too few registered, too few votes, polls too small fail the facts', () => {
    const model = smallCity()
    const { polls } = model
    const mutants: [CityModel, string[]][] = [
      [{ ...model, registered: 38_000 }, ['registered voters', 'votes a registered voter']],
      [{ ...model, polls: { ...polls, votes: 178_000 } }, ['votes a registered voter']],
      [
        { ...model, polls: { ...polls, popular: { ...polls.popular, max: 4200 } } },
        ['participants of a popular poll, the most'],
      ],
    ]
    for (const [mutant, expected] of mutants) {
      expect(
        problems(publishedRows(model, [count(mutant, '1')])).map((text) => text.split(':')[0]),
      ).toEqual(expected)
    }
  })

  test('behavior: a count without figures is a problem, not a pass', () => {
    const [row] = publishedRows(smallCity(), [])
    expect(row === undefined ? [] : problems([row])).toHaveLength(1)
    expect(problems(row === undefined ? [] : [{ ...row, counted: [Number.NaN] }])).toHaveLength(1)
  })
})

describe('ChiSquared', () => {
  test('default: intervals agree with the tables', () => {
    // χ² at 0.5 % and 99.5 %: 10 degrees 2.156 and 25.188, 100 degrees 67.328 and 140.169.
    for (const [degrees, low, high] of [
      [10, 2.156, 25.188],
      [100, 67.328, 140.169],
    ] as const) {
      const interval = ChiSquared.interval(degrees, ChiSquared.Z_99)
      expect((interval.low * degrees) / low).toBeCloseTo(1, 1)
      expect((interval.high * degrees) / high).toBeCloseTo(1, 2)
    }
  })

  test('behavior: cells that expect little are joined', () => {
    expect(ChiSquared.of([6, 2, 1, 3], [5, 2, 2, 3])).toEqual({
      statistic: 0.2 + 1 / 7,
      degrees: 1,
    })
    expect(ChiSquared.of([1], [1])).toEqual({ statistic: 0, degrees: 0 })
  })
})
