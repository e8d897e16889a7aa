import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as cities from '../../../scenarios/cities/cities.ts'
import { cityProblems } from '../../../scenarios/population/cityProblems.ts'
import { smallCity } from '../population/smallCity.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-cities-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(text: string): string {
  const file = join(folder, 'my-city.json')
  writeFileSync(file, text)
  return file
}

function published(name: string): Record<string, number> {
  return Object.fromEntries(cities.read(name).published.map(({ fact, value }) => [fact, value]))
}

describe('read', () => {
  test('default', () => {
    expect(cities.names()).toEqual(['active-citizen', 'whole-city'])
    expect(published('active-citizen')).toEqual({
      registered: 2_000_000,
      polls: 3450,
      votes: 92_000_000,
      votesPerPoll: 26_667,
      votesPerUser: 46,
      popularMin: 137_000,
      popularMax: 220_000,
      peakPerMinute: 1000,
    })
    for (const name of cities.names()) expect(cities.read(name).name).toBe(name)
    expect(published('whole-city')).toMatchObject({ registered: 12_000_000 })
  })

  test('behavior: a file of the user', () => {
    expect(cities.read(write(JSON.stringify(smallCity())))).toEqual(smallCity())
  })

  test('error: no such city, no such file', () => {
    expect(() => cities.read('atlantis')).toThrow(cities.UnknownCityError)
    expect(() => cities.read(join(folder, 'none.json'))).toThrow(cities.UnknownCityError)
    expect(() => cities.read('../cities/active-citizen')).toThrow(cities.UnknownCityError)
  })

  test('error: no JSON', () => {
    expect(() => cities.read(write('{'))).toThrow(cities.MalformedCityError)
  })

  test('error: all mistakes at once, more than TypeBox lists by itself', () => {
    const { districts, ...model } = smallCity()
    const [first, second, ...others] = districts
    const [opens, ...later] = model.day.points
    const bad = {
      ...model,
      schema: 'ballotstorm/city/0',
      language: 'de',
      registered: 0,
      colour: 'blue',
      districts: [
        { ...first, weight: 0, turnout: -1, eastKm: 'far' },
        { ...second, name: '' },
        ...others,
      ],
      ageBands: model.ageBands.map((band, index) => ({
        ...band,
        activities: index === 0 ? { ...band.activities, dormant: 0.9 } : band.activities,
      })),
      polls: { ...model.polls, popular: { count: 400, min: 5000, max: 4400 } },
      day: { points: [...later, opens] },
      published: [...model.published, { fact: 'weather', value: 1, source: 'window' }],
    }
    let problems: readonly string[] = []
    try {
      cities.read(write(JSON.stringify(bad)))
    } catch (error) {
      if (error instanceof cities.MalformedCityError) problems = error.problems
    }
    expect(problems).toMatchInlineSnapshot(`
      [
        "colour is no key of a city model.",
        "schema must be ballotstorm/city/2.",
        "language must be ru or en.",
        "registered must be >= 1.",
        "districts[0].weight must be > 0.",
        "districts[0].turnout must be > 0.",
        "districts[0].eastKm must be number.",
        "districts[1].name must not have fewer than 1 characters.",
        "published[4].fact must be one of registered, polls, votes, votesPerPoll, votesPerUser, popularMin, popularMax, peakPerMinute.",
        "ageBands[0].activities sums to 1.35, not to 1.",
        "polls.popular.count is 400: it must leave some of 345 polls.",
        "polls.popular.min is 5000, more than polls.popular.max, 4400.",
        "day.points[10].at is 08:00, not after 22:00, the point before it.",
      ]
    `)
  })
})

describe('cityProblems', () => {
  test('default', () => {
    expect(cityProblems(smallCity())).toEqual([])
  })

  test('error: what is no object', () => {
    expect(cityProblems(null)).not.toEqual([])
    expect(cityProblems([])).not.toEqual([])
    expect(cityProblems({})).toHaveLength(1)
  })

  test('error: shares of what does not exist, ids used twice', () => {
    const model = smallCity()
    const [first, ...others] = model.districts
    expect(cityProblems({ ...model, districts: [first, first, ...others] })).toEqual([
      'districts[1].id is centre, which an entry before it is called already.',
    ])
    const ages = { ...first?.ages, '65+': 0, '90+': first?.ages['65+'] }
    expect(cityProblems({ ...model, districts: [{ ...first, ages }, ...others] })).toEqual([
      'districts[0].ages has a share for 90+, which is not one of 18-24, 25-34, 35-44, 45-54, 55-64, 65+.',
    ])
  })

  test('error: votes that the polls cannot hold', () => {
    const model = smallCity()
    const polls = { ...model.polls, votes: 345 * 2740 + 1 }
    expect(cityProblems({ ...model, polls })).toHaveLength(1)
  })
})
