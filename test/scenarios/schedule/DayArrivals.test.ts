import { describe, expect, test } from 'vitest'

import * as ChiSquared from '../../../scenarios/calibration/ChiSquared.ts'
import { countDay } from '../../../scenarios/calibration/countDay.ts'
import { dayRow } from '../../../scenarios/calibration/modelRows.ts'
import { problems } from '../../../scenarios/calibration/Row.ts'
import * as DayArrivals from '../../../scenarios/schedule/DayArrivals.ts'
import * as DayCurve from '../../../scenarios/population/DayCurve.ts'
import { flatDay, smallCity } from '../population/smallCity.ts'

const MODEL = smallCity()
const CURVE = DayCurve.create(MODEL.day)
const COUNT = 220_000
const SEEDS = ['1', '2', '3']

function arrivalsOf(seed: string, count = COUNT, compress?: number): DayArrivals.DayArrivals {
  return DayArrivals.create(CURVE, { seed, label: 'poll/1', count, compress })
}

function problemsOf(days: readonly Pick<DayArrivals.DayArrivals, 'durationMs' | 'instants'>[]) {
  const counts = days.map((day) => countDay(day))
  return problems([dayRow(MODEL, { counts, z: ChiSquared.Z_99 })])
}

describe('DayCurve', () => {
  test('default', () => {
    expect(CURVE.opensAtMs).toBe(8 * 3_600_000)
    expect(CURVE.durationMs).toBe(14 * 3_600_000)
    const shares = DayCurve.minuteShares(CURVE)
    expect(shares).toHaveLength(840)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
    expect(shares.indexOf(Math.max(...shares))).toBe(839)
  })

  test('behavior: quantile and share are inverse', () => {
    for (let step = 0; step <= 1000; step += 1) {
      const timeMs = DayCurve.quantile(CURVE, step / 1000)
      expect(DayCurve.shareBefore(CURVE, timeMs)).toBeCloseTo(step / 1000, 10)
    }
    expect(DayCurve.quantile(CURVE, 0)).toBe(0)
    expect(DayCurve.quantile(CURVE, 1)).toBe(CURVE.durationMs)
  })

  test('behavior: a break in the day has no ballots', () => {
    const curve = DayCurve.create({
      points: [
        { at: '09:00', weight: 0 },
        { at: '10:00', weight: 1 },
        { at: '11:00', weight: 0 },
        { at: '12:00', weight: 0 },
        { at: '24:00', weight: 3 },
      ],
    })
    const arrivals = DayArrivals.create(curve, { seed: '1', label: 'x', count: 20_000 })
    const hours = [...arrivals.instants()].map((instant) => instant / 3_600_000)
    expect(hours.filter((hour) => hour > 2 && hour < 3)).toEqual([])
    expect(hours.every((hour) => hour >= 0 && hour <= 15)).toBe(true)
  })
})

describe('DayArrivals', () => {
  test('default: ascending, within the day, as many as asked for', () => {
    const instants = [...arrivalsOf('1').instants()]
    expect(instants).toHaveLength(COUNT)
    expect(instants.every((instant, index) => instant >= (instants[index - 1] ?? 0))).toBe(true)
    expect(instants.at(-1)).toBeLessThanOrEqual(CURVE.durationMs)
    expect(instants.slice(0, 3)).toMatchInlineSnapshot(`
      [
        88.31187796221074,
        393.45380697540605,
        613.2188389485598,
      ]
    `)
  })

  test.each([0, 1, 2, 3, 63, 64, 65, 1000, 70_001])(
    'behavior: each of %i instants by its index is that of the stream',
    (count) => {
      const arrivals = arrivalsOf('1', count)
      const byIndex = Array.from({ length: count }, (_, ballot) => arrivals.instant(ballot))
      expect(byIndex).toEqual([...arrivals.instants()])
    },
  )

  test('behavior: compressed by 60, an hour is a minute', () => {
    const [slow, quick] = [arrivalsOf('1', 5000), arrivalsOf('1', 5000, 60)]
    expect(quick.durationMs).toBe(slow.durationMs / 60)
    expect(quick.instant(1234)).toBeCloseTo(slow.instant(1234) / 60, 9)
    expect(countDay(quick, 60)).toEqual(countDay(slow))
  })

  test('behavior: other instants under another seed or label', () => {
    const label = DayArrivals.create(CURVE, { seed: '1', label: 'poll/2', count: 100 })
    const first = [...arrivalsOf('1', 100).instants()]
    expect([...label.instants()]).not.toEqual(first)
    expect([...arrivalsOf('2', 100).instants()]).not.toEqual(first)
  })

  test('behavior: a Poisson process along the curve', () => {
    expect(problemsOf(SEEDS.map((seed) => arrivalsOf(seed)))).toEqual([])
  })

  test('mutant: a flat day, evenly spaced ballots, and bunches fail', () => {
    const flat = DayCurve.create(flatDay(MODEL).day)
    const onFlatDay = DayArrivals.create(flat, { seed: '1', label: 'poll/1', count: COUNT })
    expect(problemsOf([onFlatDay])).toHaveLength(1)
    const even = {
      durationMs: CURVE.durationMs,
      *instants() {
        for (let k = 0; k < COUNT; k += 1) yield DayCurve.quantile(CURVE, (k + 0.5) / COUNT)
      },
    }
    expect(problemsOf([even])).toHaveLength(1)
    const bunched = {
      durationMs: CURVE.durationMs,
      *instants() {
        for (const instant of arrivalsOf('1', COUNT / 2).instants()) yield* [instant, instant]
      },
    }
    expect(problemsOf([bunched])).toHaveLength(1)
  })

  test('error: no such ballot', () => {
    expect(() => arrivalsOf('1', 5).instant(5)).toThrow(RangeError)
    expect(() => arrivalsOf('1', 0).instant(0)).toThrow(RangeError)
  })
})
