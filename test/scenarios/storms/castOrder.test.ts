import { describe, expect, test } from 'vitest'

import * as Poll from '../../../scenarios/ballots/Poll.ts'
import * as Arrivals from '../../../scenarios/schedule/Arrivals.ts'
import * as CastOrder from '../../../scenarios/schedule/CastOrder.ts'
import { castOrder } from '../../../scenarios/storms/castOrder.ts'
import * as Storm from '../../../scenarios/storms/Storm.ts'
import { storms } from '../../../scenarios/storms/storms.ts'

function get(name: string): Storm.Storm {
  const storm = storms.find((candidate) => candidate.name === name)
  if (storm === undefined) throw new Error(`no storm ${name}`)
  return storm
}

describe('castOrder', () => {
  test('default: in a storm without a day all voters are alike', () => {
    expect(castOrder(get('smoke'), '1')).toEqual({
      kind: 'uniform',
      seed: '1',
      voterCount: 1000,
      polls: [{ pollId: 1, optionCount: 4 }],
    })
  })

  test('behavior: every storm of a day has enough ballots in its polls, for any seed', () => {
    for (const storm of storms.filter(({ arrivals }) => arrivals.kind === 'day')) {
      for (const seed of ['1', '2', '3']) {
        const order = castOrder(storm, seed)
        const ballots = Arrivals.count(storm.arrivals)
        expect(CastOrder.create(order).ballotCountMax).toBeGreaterThanOrEqual(ballots)
      }
    }
  })

  test('behavior: residents vote in the poll of their building, once, and in no other', () => {
    const storm = Storm.override(get('relocation'), { voters: 2000, ballots: 20 })
    const polls = Storm.polls(storm, '1')
    const order = castOrder(storm, '1')
    const cast = CastOrder.create(order)
    expect(cast.ballotCountMax).toBe(2000)
    const seen = new Set<number>()
    const choices = new Set<number>()
    for (let ballot = 0; ballot < cast.ballotCountMax; ballot += 1) {
      const { poll, voterIndex } = cast.at(ballot)
      expect(Poll.isOpenTo(polls[poll]?.slice, voterIndex)).toBe(true)
      expect(cast.ballotsOf(voterIndex)).toEqual([ballot])
      expect(cast.nonceOf(ballot)).toBe(0)
      choices.add(cast.choiceOf(poll, voterIndex))
      seen.add(voterIndex)
    }
    expect(seen.size).toBe(2000)
    expect(choices).toEqual(new Set([0, 1]))
  })

  test('behavior: voters move between the polls, and nobody votes twice in one', () => {
    const storm = Storm.override(get('active-citizen-day'), { voters: 2000 })
    const order = castOrder(storm, '1')
    const cast = CastOrder.create(order)
    const pollsOf = new Map<number, Set<number>>()
    for (let ballot = 0; ballot < cast.ballotCountMax; ballot += 1) {
      const { poll, voterIndex } = cast.at(ballot)
      const polls = pollsOf.get(voterIndex) ?? new Set()
      expect(polls.has(poll)).toBe(false)
      expect(cast.nonceOf(ballot)).toBe(polls.size)
      pollsOf.set(voterIndex, polls.add(poll))
    }
    expect(Math.max(...[...pollsOf.values()].map(({ size }) => size))).toBeGreaterThan(1)
  })
})
