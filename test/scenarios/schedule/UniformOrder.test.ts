import { describe, expect, test } from 'vitest'

import * as UniformOrder from '../../../scenarios/schedule/UniformOrder.ts'

describe('UniformOrder.create', () => {
  test('default: nobody votes twice in one poll, and all do once', () => {
    const order = UniformOrder.create('seed', 50, [1, 2, 3])
    const votes = Array.from({ length: order.ballotCountMax }, (_, ballot) => order.at(ballot))
    expect(new Set(votes.map(({ poll, voterIndex }) => `${poll} ${voterIndex}`)).size).toBe(150)
    expect(votes.slice(0, 6).map(({ poll }) => poll)).toEqual([0, 1, 2, 0, 1, 2])
  })

  test('behavior: ballotsOf and nonceOf agree with a count along the cast order', () => {
    const order = UniformOrder.create('seed', 50, [1, 2, 3])
    const sent = new Map<number, number[]>()
    for (let ballot = 0; ballot < order.ballotCountMax; ballot += 1) {
      const { voterIndex } = order.at(ballot)
      const earlier = sent.get(voterIndex) ?? []
      expect(order.nonceOf(ballot)).toBe(earlier.length)
      sent.set(voterIndex, [...earlier, ballot])
    }
    for (const [voterIndex, ballots] of sent) expect(order.ballotsOf(voterIndex)).toEqual(ballots)
  })

  test('error: a ballot past the last', () => {
    expect(() => UniformOrder.create('seed', 50, [1]).at(50)).toThrow(RangeError)
  })
})
