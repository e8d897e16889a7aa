import { describe, expect, test } from 'vitest'

import * as Ballots from '../../../metrics/audit/Ballots.ts'

describe('create', () => {
  test('default: one ballot for each voter and poll, however many', () => {
    const ballots = Ballots.create({ isRecorded: false })
    for (let index = 0; index < 50_000; index += 1) {
      const ballot = { choice: index % 255, block: index }
      expect(ballots.add(1 + (index % 7), index, ballot)).toBe(true)
      expect(ballots.add(1 + (index % 7), index, ballot)).toBe(false)
    }
    expect(ballots.count()).toBe(50_000)
    expect(ballots.get(1 + (49_999 % 7), 49_999)).toEqual({ choice: 49_999 % 255, block: 49_999 })
    expect(ballots.get(1, 1)).toBeUndefined()
    let sum = 0
    ballots.forEach((_pollId, voterIndex) => {
      sum += voterIndex
    })
    expect(sum).toBe((49_999 * 50_000) / 2)
  })

  test('behavior: records of new ballots, once', () => {
    const ballots = Ballots.create({ isRecorded: true })
    ballots.add(2 ** 32 - 1, 2 ** 32 - 1, { choice: 254, block: 9 })
    ballots.add(1, 0, { choice: 0, block: 10 })
    expect([...Ballots.parse(ballots.takeNew())]).toEqual([
      [2 ** 32 - 1, 2 ** 32 - 1, { choice: 254, block: 9 }],
      [1, 0, { choice: 0, block: 10 }],
    ])
    expect(ballots.takeNew().length).toBe(0)
  })
})
