import { createHash } from 'node:crypto'

import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'

import * as cities from '../../../scenarios/cities/cities.ts'
import * as BuildingsOrder from '../../../scenarios/schedule/BuildingsOrder.ts'
import * as CastOrder from '../../../scenarios/schedule/CastOrder.ts'

const UNIFORM: CastOrder.Uniform = {
  kind: 'uniform',
  seed: 's',
  voterCount: 20,
  polls: [
    { pollId: 1, optionCount: 3 },
    { pollId: 2, optionCount: 2 },
  ],
}

const BUILDINGS: CastOrder.OfBuildings = {
  kind: 'buildings',
  seed: 's',
  polls: [
    { pollId: 1, optionCount: 2, voterCount: 3 },
    { pollId: 2, optionCount: 4, voterCount: 1 },
    { pollId: 3, optionCount: 2, voterCount: 6 },
  ],
}

const CITY: CastOrder.OfCity = {
  kind: 'city',
  model: cities.read('active-citizen'),
  seed: 's',
  voterCount: 400,
  polls: [
    { pollId: 1, optionCount: 3, participants: 100 },
    { pollId: 2, optionCount: 2, participants: 40 },
  ],
}

const ORDERS: [string, CastOrder.Description, ballots: number][] = [
  ['uniform', UNIFORM, 40],
  ['buildings', BUILDINGS, 10],
  ['city', CITY, 140],
  ['sparse city', { ...CITY, isSparse: true }, 140],
]

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

/** Of the first ballots. */
function votersOf(order: CastOrder.CastOrder, count: number): number[] {
  return range(count).map((ballot) => order.at(ballot).voterIndex)
}

describe('create', () => {
  test.each(ORDERS)(
    'default: %s: nobody votes twice in a poll, and each ballot leads back to itself',
    (_, order, count) => {
      const made = CastOrder.create(order)
      expect(made.ballotCountMax).toBe(count)
      const all = range(count).map((ballot) => made.at(ballot))
      expect(new Set(all.map(({ poll, voterIndex }) => `${poll}/${voterIndex}`)).size).toBe(count)
      for (const [ballot, { voterIndex }] of all.entries()) {
        expect(made.ballotsOf(voterIndex)[made.nonceOf(ballot)]).toBe(ballot)
      }
    },
  )

  test.each(ORDERS)(
    'behavior: %s: a choice is one of the options, all are chosen, and never otherwise',
    (_, order) => {
      const [made, again] = [CastOrder.create(order), CastOrder.create(order)]
      for (const [poll, { optionCount }] of order.polls.entries()) {
        const voters = range(200)
        const choices = voters.map((voter) => made.choiceOf(poll, voter))
        expect(new Set(choices)).toEqual(new Set(range(optionCount)))
        expect(voters.map((voter) => again.choiceOf(poll, voter))).toEqual(choices)
      }
      expect(made.choiceOf(99, 0)).toBe(0)
    },
  )

  test.each(ORDERS)('behavior: %s: another seed is another order', (_, order, count) => {
    const told = (seed: string) => {
      const made = CastOrder.create({ ...order, seed })
      return range(count).map((ballot) => made.at(ballot).voterIndex)
    }
    expect(told('s')).not.toEqual(told('t'))
  })

  test('behavior: a sparse order has the same voters in another order, as far apart as in the whole city', () => {
    // Several chunks of the register.
    const city = { ...CITY, voterCount: 5000 }
    const [dense, sparse] = [CastOrder.create(city), CastOrder.create({ ...city, isSparse: true })]
    expect(votersOf(sparse, 140)).not.toEqual(votersOf(dense, 140))
    expect(votersOf(sparse, 140).toSorted((a, b) => a - b)).toEqual(
      votersOf(dense, 140).toSorted((a, b) => a - b),
    )
  })

  test('behavior: another poll is another lot, whoever it is that votes', () => {
    const first = CastOrder.create({ ...UNIFORM, polls: [{ pollId: 1, optionCount: 2 }] })
    const other = CastOrder.create({ ...UNIFORM, polls: [{ pollId: 5, optionCount: 2 }] })
    expect(votersOf(first, 20)).not.toEqual(votersOf(other, 20))
  })

  test('behavior: each poll leans its own way', () => {
    const made = CastOrder.create(UNIFORM)
    const first = (poll: number): number =>
      range(2000).filter((voter) => made.choiceOf(poll, voter) === 0).length
    expect(first(0)).not.toBe(first(1))
  })
})

describe('BuildingsOrder', () => {
  test('default: a voter has the poll of the building, whose voters are neighbours in the register', () => {
    const order = BuildingsOrder.create('s', [3, 1, 6])
    const all = range(10).map((ballot) => order.at(ballot))
    const pollOf = (voterIndex: number) => all.find((one) => one.voterIndex === voterIndex)?.poll
    expect([0, 1, 2, 3, 4, 9].map(pollOf)).toEqual([0, 0, 0, 1, 2, 2])
    expect(all.map((_, ballot) => order.nonceOf(ballot))).toEqual(all.map(() => 0))
    // Shuffled, whatever the building.
    expect(all.map(({ voterIndex }) => voterIndex)).not.toEqual(all.map((_, ballot) => ballot))
  })

  test('behavior: one building of one voter, and none at all', () => {
    const one = BuildingsOrder.create('s', [1])
    expect([one.ballotCountMax, one.at(0), one.ballotsOf(0)]).toEqual([
      1,
      { poll: 0, voterIndex: 0 },
      [0],
    ])
    expect(BuildingsOrder.create('s', []).ballotCountMax).toBe(0)
  })
})

describe('uniformOf', () => {
  test('default: all voters of an electorate, in the plan’s polls', () => {
    const polls = [{ pollId: 7, options: ['a', 'b', 'c'] }]
    expect(CastOrder.uniformOf({ seed: 's', size: 9 }, polls)).toEqual({
      kind: 'uniform',
      seed: 's',
      voterCount: 9,
      polls: [{ pollId: 7, optionCount: 3 }],
    })
  })
})

describe('digest', () => {
  test('default: SHA-256 of the description; what differs has another', () => {
    const text = JSON.stringify(UNIFORM)
    expect(CastOrder.digest(UNIFORM)).toBe(createHash('sha256').update(text).digest('hex'))
    expect(CastOrder.digest({ ...UNIFORM, voterCount: 21 })).not.toBe(CastOrder.digest(UNIFORM))
  })
})

describe('Schema', () => {
  const [poll] = UNIFORM.polls
  const [building] = BUILDINGS.polls
  const [popular] = CITY.polls
  test.each<[string, boolean, object]>([
    ['uniform', true, UNIFORM],
    ['buildings', true, BUILDINGS],
    ['a city', true, CITY],
    ['a sparse city', true, { ...CITY, isSparse: true }],
    ['no poll', true, { ...UNIFORM, polls: [] }],
    ['the most voters', true, { ...UNIFORM, voterCount: 2 ** 32 }],
    [
      'a poll in which nobody takes part',
      true,
      { ...CITY, polls: [{ ...popular, participants: 0 }] },
    ],
    ['no kind', false, { ...UNIFORM, kind: 'other' }],
    ['no kind of buildings', false, { ...BUILDINGS, kind: 'other' }],
    ['no kind of city', false, { ...CITY, kind: 'other' }],
    ['no voter', false, { ...UNIFORM, voterCount: 0 }],
    ['a voter too many', false, { ...UNIFORM, voterCount: 2 ** 32 + 1 }],
    ['no option', false, { ...UNIFORM, polls: [{ ...poll, optionCount: 0 }] }],
    ['poll 0', false, { ...UNIFORM, polls: [{ ...poll, pollId: 0 }] }],
    ['more', false, { ...UNIFORM, more: 1 }],
    ['more in a poll', false, { ...UNIFORM, polls: [{ ...poll, more: 1 }] }],
    ['more in buildings', false, { ...BUILDINGS, more: 1 }],
    ['more in a building', false, { ...BUILDINGS, polls: [{ ...building, more: 1 }] }],
    ['nobody in a building', false, { ...BUILDINGS, polls: [{ ...building, voterCount: 0 }] }],
    ['more in a city', false, { ...CITY, more: 1 }],
    ['more in a city’s poll', false, { ...CITY, polls: [{ ...popular, more: 1 }] }],
    ['fewer than nobody', false, { ...CITY, polls: [{ ...popular, participants: -1 }] }],
    ['a city that is not sparse but says so', false, { ...CITY, isSparse: false }],
  ])('default: %s', (_, isOne, order) => {
    expect(Value.Check(CastOrder.Schema, order)).toBe(isOne)
  })
})
