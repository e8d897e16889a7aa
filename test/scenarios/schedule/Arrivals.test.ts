import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'

import * as cities from '../../../scenarios/cities/cities.ts'
import * as Arrivals from '../../../scenarios/schedule/Arrivals.ts'
import { dayOf } from '../../../scenarios/schedule/profiles/day.ts'

const STAGES: Arrivals.Arrivals = {
  kind: 'stages',
  stages: [
    { ratePerS: 17, durationMs: 60_000 },
    { ratePerS: 50.04, durationMs: 30_060 },
  ],
}

const CITY = 'active-citizen'
const { registered } = cities.read(CITY)
const DAY = dayOf({ city: CITY, voters: registered, ballots: 1000.4, compress: 600 })

describe('stages', () => {
  test('default: how many ballots, for how long, in words', () => {
    expect(Arrivals.count(STAGES)).toBe(1020 + 1504)
    expect(Arrivals.durationMs(STAGES)).toBe(90_060)
    expect(Arrivals.describe(STAGES)).toBe('17/s for 60 s, 50/s for 30.1 s')
    expect([...Arrivals.instants('s', STAGES)]).toHaveLength(2524)
  })

  test('behavior: a rate or a length of the user’s makes one stage of it, the other stays', () => {
    const override = (said: object) => Arrivals.override(STAGES, { voters: 1, ...said })
    expect(override({})).toBe(STAGES)
    expect(override({ ratePerS: 5, durationMs: 2000 })).toEqual({
      kind: 'stages',
      stages: [{ ratePerS: 5, durationMs: 2000 }],
    })
    expect(override({ ratePerS: 5 })).toMatchObject({
      stages: [{ ratePerS: 5, durationMs: 90_060 }],
    })
    const longer = override({ durationMs: 1000 })
    expect(longer).toMatchObject({ stages: [{ durationMs: 1000 }] })
    expect(Arrivals.count(longer)).toBe(Math.round(2524 / 90.06))
  })

  test('behavior: of a storm of no length there is no mean rate', () => {
    const none: Arrivals.Arrivals = { kind: 'stages', stages: [{ ratePerS: 5, durationMs: 0 }] }
    expect(Arrivals.override(none, { voters: 1, durationMs: 1000 })).toEqual({
      kind: 'stages',
      stages: [{ ratePerS: 0, durationMs: 1000 }],
    })
  })
})

describe('day', () => {
  test('default: a day of a city, so many times faster', () => {
    expect(DAY).toMatchObject({ kind: 'day', city: CITY, compress: 600, ballotCount: 1000 })
    expect(DAY).not.toHaveProperty('enrolled')
    expect(Arrivals.count(DAY)).toBe(1000)
    expect(Arrivals.durationMs(DAY)).toBe(DAY.durationMs)
    const instants = [...Arrivals.instants('s', DAY)]
    expect(instants).toHaveLength(1000)
    expect(instants).toEqual(instants.toSorted((a, b) => a - b))
    expect(instants.at(-1)).toBeLessThanOrEqual(DAY.durationMs)
    const mean = Math.round((1000 * 10_000) / DAY.durationMs) / 10
    expect(Arrivals.describe(DAY)).toContain(
      `a day of ${CITY}, played 600 times faster (mean ${mean}/s`,
    )
  })

  test('behavior: twice as fast is half as long', () => {
    const faster = Arrivals.override(DAY, { voters: registered, compress: 1200 })
    expect(Arrivals.durationMs(faster)).toBeCloseTo(DAY.durationMs / 2, 0)
    expect(Arrivals.count(faster)).toBe(1000)
    const fewer = Arrivals.override(DAY, { voters: registered, ballots: 7 })
    expect([Arrivals.count(fewer), Arrivals.durationMs(fewer)]).toEqual([7, DAY.durationMs])
  })

  test('behavior: where not all voters are enrolled, the load says of how many', () => {
    const part = Arrivals.override(DAY, { voters: registered - 1 })
    expect(part).toMatchObject({ enrolled: { voters: registered - 1, of: registered } })
    const [voters, of] = [registered - 1, registered].map((one) => one.toLocaleString('en-US'))
    expect(Arrivals.describe(part)).toContain(`with ${voters} of its ${of} voters`)
    expect(Arrivals.override(DAY, { voters: registered + 1 })).not.toHaveProperty('enrolled')
  })
})

describe('withoutEffect', () => {
  test.each([
    ['ratePerS', STAGES, true],
    ['durationMs', STAGES, true],
    ['ballots', STAGES, false],
    ['compress', STAGES, false],
    ['ratePerS', DAY, false],
    ['durationMs', DAY, false],
    ['ballots', DAY, true],
    ['compress', DAY, true],
  ] as const)('default: %s', (figure, arrivals, hasEffect) => {
    expect(Arrivals.withoutEffect(arrivals, figure) === undefined).toBe(hasEffect)
  })

  test('behavior: what would have an effect is told', () => {
    expect(Arrivals.withoutEffect(STAGES, 'ballots')).toMatch(/--rate and --duration/)
    expect(Arrivals.withoutEffect(DAY, 'ratePerS')).toMatch(/--ballots and --compress/)
  })
})

describe('Schema', () => {
  test.each<[boolean, object]>([
    [true, STAGES],
    [true, DAY],
    [true, { ...DAY, compress: 1, ballotCount: 0, durationMs: 0, enrolled: { voters: 1, of: 1 } }],
    [true, { ...DAY, compress: 100_000 }],
    [true, { kind: 'stages', stages: [{ ratePerS: 0, durationMs: 0 }] }],
    [true, { kind: 'stages', stages: [{ ratePerS: 100_000, durationMs: 7 * 86_400_000 }] }],
    [false, { kind: 'stages', stages: [] }],
    [false, { kind: 'stages', stages: [{ ratePerS: 100_001, durationMs: 1 }] }],
    [false, { kind: 'stages', stages: [{ ratePerS: -1, durationMs: 1 }] }],
    [false, { kind: 'stages', stages: [{ ratePerS: 1, durationMs: -1 }] }],
    [false, { kind: 'stages', stages: [{ ratePerS: 1, durationMs: 7 * 86_400_000 + 1 }] }],
    [false, { kind: 'stages', stages: [{ ratePerS: 1, durationMs: 1, more: 1 }] }],
    [false, { ...STAGES, more: 1 }],
    [false, { ...STAGES, kind: 'other' }],
    [false, { ...DAY, kind: 'other' }],
    [false, { ...DAY, more: 1 }],
    [false, { ...DAY, city: '' }],
    [false, { ...DAY, compress: 0.9 }],
    [false, { ...DAY, compress: 100_001 }],
    [false, { ...DAY, ballotCount: -1 }],
    [false, { ...DAY, durationMs: -1 }],
    [false, { ...DAY, enrolled: { voters: 0, of: 1 } }],
    [false, { ...DAY, enrolled: { voters: 1, of: 0 } }],
    [false, { ...DAY, enrolled: { voters: 1, of: 1, more: 1 } }],
  ])('default: %s for %j', (isOne, arrivals) => {
    expect(Value.Check(Arrivals.Schema, arrivals)).toBe(isOne)
  })
})
