import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'

import * as Poll from '../../../scenarios/ballots/Poll.ts'
import * as Arrivals from '../../../scenarios/schedule/Arrivals.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import { dayOf } from '../../../scenarios/schedule/profiles/day.ts'
import * as Storm from '../../../scenarios/storms/Storm.ts'
import { find, storms } from '../../../scenarios/storms/storms.ts'

function get(name: string): Storm.Storm {
  const storm = find(name)
  if (storm === undefined) throw new Error(`no scenario ${name}`)
  return storm
}

describe('storms', () => {
  test.each(storms.map((storm) => [storm.name, storm] as const))('default: %s', (name, storm) => {
    const readme = new URL(`../../../scenarios/storms/${name}/README.md`, import.meta.url)
    expect(existsSync(fileURLToPath(readme))).toBe(true)
    expect(Storm.override(storm, {})).toEqual(storm)
    expect(Arrivals.count(storm.arrivals)).toBeLessThanOrEqual(storm.voters * storm.polls.length)
    const polls = Storm.polls(storm, 'seed')
    expect(polls.every((poll) => Value.Check(Poll.Schema, poll))).toBe(true)
    expect(polls).toEqual(Storm.polls(storm, 'seed'))
    expect(polls.map(({ pollId }) => pollId)).toEqual(polls.map((_, index) => index + 1))
  })

  test('behavior: peak-2017 is the ladder of the issue', () => {
    const storm = get('peak-2017')
    expect(storm).toMatchObject({ network: 'qbft', voters: 10_000 })
    expect(Arrivals.count(storm.arrivals)).toBe(17 * 60 + 50 * 30 + 100 * 30)
  })
})

describe('override', () => {
  test('default: rate and duration replace the stages by one', () => {
    const storm = Storm.override(get('peak-2017'), {
      voters: 20_000,
      ratePerS: 200,
      durationMs: 60_000,
    })
    expect(storm.voters).toBe(20_000)
    expect(storm.arrivals).toEqual({
      kind: 'stages',
      stages: [{ ratePerS: 200, durationMs: 60_000 }],
    })
    expect(Storm.polls(storm, 'seed')[0]?.closesAfterMs).toBe(65_000)
  })

  test('behavior: of the two, what is not given is the mean rate, or the whole length', () => {
    expect(Storm.override(get('peak-2017'), { ratePerS: 20 }).arrivals).toEqual({
      kind: 'stages',
      stages: [{ ratePerS: 20, durationMs: 120_000 }],
    })
    expect(Storm.override(get('peak-2017'), { durationMs: 12_000 }).arrivals).toEqual({
      kind: 'stages',
      stages: [{ ratePerS: 46, durationMs: 12_000 }],
    })
  })

  test('behavior: zero is a rate and a duration', () => {
    expect(Arrivals.count(Storm.override(get('smoke'), { ratePerS: 0 }).arrivals)).toBe(0)
    expect(Arrivals.count(Storm.override(get('smoke'), { durationMs: 0 }).arrivals)).toBe(0)
  })
})

describe('problems', () => {
  test('default: none', () => {
    for (const storm of storms) expect(Storm.problems(storm)).toEqual([])
  })

  test('error: more ballots than voters and polls, with numbers and the way out', () => {
    const storm = Storm.override(get('smoke'), { ratePerS: 200, durationMs: 60_000 })
    expect(Storm.problems(storm)).toEqual([
      '12000 ballots are more than 1000 voters can cast in 1 poll(s): raise --voters to 12000 or more, or lower --rate or --duration.',
    ])
    const day = Storm.override(get('popular-poll'), { ballots: 220_001 })
    expect(Storm.problems(day)).toEqual([expect.stringMatching(/or lower --ballots\.$/)])
  })
})

describe('polls', () => {
  test('behavior: a building has a poll of its own, and all buildings make the register', () => {
    const storm = get('relocation')
    const polls = Storm.polls(storm, '1')
    expect(polls.length).toBe(2000)
    let next = 0
    for (const { slice, options } of polls) {
      expect(slice?.firstVoter).toBe(next)
      expect(slice?.voterCount).toBeGreaterThanOrEqual(50)
      expect(slice?.voterCount).toBeLessThanOrEqual(400)
      expect(options).toHaveLength(2)
      next += slice?.voterCount ?? 0
    }
    expect(next).toBe(storm.voters)
    expect(new Set(polls.map(({ question }) => question)).size).toBe(polls.length)
  })

  test('behavior: fewer voters have fewer buildings', () => {
    const polls = Storm.polls(Storm.override(get('relocation'), { voters: 9000, ballots: 90 }), '1')
    expect(polls.length).toBe(40)
  })
})

describe('dayOf', () => {
  test('default: the day as long as the city votes, compressed', () => {
    // The city votes from 8:00 to 22:00.
    const day = { city: 'active-citizen', voters: 2_000_000, ballots: 5040, compress: 840 }
    expect(dayOf(day)).toEqual({
      kind: 'day',
      city: 'active-citizen',
      compress: 840,
      ballotCount: 5040,
      durationMs: 60_000,
    })
  })

  test('behavior: a part of the city is told wherever the load is named', () => {
    const { arrivals } = Storm.override(get('city-day'), { voters: 60_000 })
    expect(arrivals).toMatchObject({ enrolled: { voters: 60_000, of: 12_000_000 } })
    const told = Plan.describe(get('city-day'))
    expect(told).toContain('a day of whole-city with 240,000 of its 12,000,000 voters')
    expect(Plan.describe(Storm.override(get('city-day'), { voters: 12_000_000 }))).not.toContain(
      'of its',
    )
  })

  test('behavior: ballots and compression are overridden, each alone', () => {
    const day = get('active-citizen-day')
    const ballots = Arrivals.count(day.arrivals)
    const faster = Storm.override(day, { compress: 840 })
    expect(Arrivals.count(faster.arrivals)).toBe(ballots)
    expect(Arrivals.durationMs(faster.arrivals)).toBe(60_000)
    const fewer = Storm.override(day, { ballots: 600 })
    expect(Arrivals.count(fewer.arrivals)).toBe(600)
    expect(Arrivals.durationMs(fewer.arrivals)).toBe(Arrivals.durationMs(day.arrivals))
  })
})
