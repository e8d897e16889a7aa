import { describe, expect, test } from 'vitest'

import * as Ledger from '../../../../scenarios/load/resender/Ledger.ts'
import * as Metrics from '../../../../scenarios/load/resender/Metrics.ts'

/** A transaction hash that begins with the ballot's number. */
function hash(ballot: number): string {
  return `0x${String(ballot).padStart(16, '0').padEnd(64, 'f')}`
}

/** The first eight digits say where it lies; the next eight tell them apart. */
function alike(ballot: number): string {
  return `0x00000001${ballot.toString(16).padStart(8, '0')}${'f'.repeat(48)}`
}

describe('create', () => {
  test('default: from quiet to mined, each state counted', () => {
    const ledger = Ledger.create(10)
    expect(ledger.state(3)).toBe('quiet')
    ledger.doubt(3)
    expect(ledger.state(3)).toBe('doubtful')
    expect(ledger.counts()).toEqual({ acknowledged: 0, missing: 0, mined: 0, givenUp: 0 })
    ledger.acknowledge(3, hash(3), 100)
    expect(ledger.state(3)).toBe('missing')
    ledger.doubt(3)
    expect(ledger.state(3)).toBe('missing')
    expect(ledger.counts()).toEqual({ acknowledged: 1, missing: 1, mined: 0, givenUp: 0 })
    ledger.mine(3)
    expect(ledger.state(3)).toBe('mined')
    ledger.acknowledge(3, hash(3), 100)
    expect(ledger.counts()).toEqual({ acknowledged: 1, missing: 0, mined: 1, givenUp: 0 })
    ledger.unmine(3, 300)
    expect(ledger.due(299, 10)).toEqual([])
    expect(ledger.due(300, 10)).toEqual([3])
    ledger.giveUp(3)
    expect(ledger.state(3)).toBe('givenUp')
    ledger.acknowledge(3, hash(3), 100)
    expect(ledger.counts()).toEqual({ acknowledged: 1, missing: 0, mined: 0, givenUp: 1 })
  })

  test('boundary: the ballot behind the last one is none', () => {
    const ledger = Ledger.create(3)
    ledger.acknowledge(3, hash(3), 0)
    ledger.doubt(3)
    expect(ledger.counts().acknowledged).toBe(0)
    expect(ledger.due(1, 9)).toEqual([])
    ledger.acknowledge(2, hash(2), 0)
    expect(ledger.due(1, 9)).toEqual([2])
  })

  test('behavior: ballots are due in the order of their waits, at most so many', () => {
    const ledger = Ledger.create(20)
    for (let ballot = 0; ballot < 20; ballot += 1) ledger.acknowledge(ballot, hash(ballot), ballot)
    ledger.mine(1)
    expect(ledger.due(4, 3)).toEqual([0, 2, 3])
    expect(ledger.due(4, 3)).toEqual([4])
    expect(ledger.due(4, 3)).toEqual([])
    expect(ledger.due(99, 0)).toEqual([])
    // Waiting twice it is due once, and later.
    ledger.wait(5, 50)
    ledger.wait(5, 60)
    expect(ledger.due(59, 99)).toEqual([])
    ledger.wait(5, 5)
    expect(ledger.due(10, 99)).toEqual([5, 6, 7, 8, 9, 10])
  })

  test('behavior: the queue goes round as often as ballots come again', () => {
    const ledger = Ledger.create(3)
    for (let ballot = 0; ballot < 3; ballot += 1) ledger.acknowledge(ballot, hash(ballot), 0)
    for (let round = 1; round < 12; round += 1) {
      const due = ledger.due(round, 2)
      expect(due).toHaveLength(2)
      for (const ballot of due) ledger.wait(ballot, round)
    }
    expect(new Set(ledger.due(99, 9))).toEqual(new Set([0, 1, 2]))
    expect(ledger.due(99, 9)).toEqual([])
  })

  test('behavior: ballots that share a byte of the queue’s marks are told apart', () => {
    const ledger = Ledger.create(17)
    for (const ballot of [0, 7, 8, 15, 16]) ledger.acknowledge(ballot, hash(ballot), 0)
    expect(ledger.due(1, 2)).toEqual([0, 7])
    ledger.wait(7, 0)
    ledger.wait(8, 0)
    expect(ledger.due(1, 9)).toEqual([8, 15, 16, 7])
  })

  test('behavior: each hash leads to its ballot, also where others begin alike', () => {
    const ledger = Ledger.create(100)
    for (let ballot = 0; ballot < 100; ballot += 1) ledger.acknowledge(ballot, alike(ballot), 0)
    for (let ballot = 0; ballot < 100; ballot += 1) {
      expect(ledger.ballotOf(alike(ballot))).toBe(ballot)
    }
    expect(ledger.ballotOf(alike(100))).toBeUndefined()
    expect(ledger.ballotOf(`0x00000002${alike(5).slice(10)}`)).toBeUndefined()
  })

  test('boundary: tries are counted, up to what a byte holds', () => {
    const ledger = Ledger.create(1)
    expect(ledger.tried(0)).toBe(1)
    for (let more = 2; more < 255; more += 1) expect(ledger.tried(0)).toBe(more)
    expect([ledger.tried(0), ledger.tried(0)]).toEqual([255, 255])
  })

  test('boundary: of no ballots, and of one', () => {
    expect(Ledger.create(0).due(1, 1)).toEqual([])
    const one = Ledger.create(1)
    one.acknowledge(0, hash(0), 0)
    expect(one.due(0, 1)).toEqual([0])
  })

  test('behavior: what it gives away is nobody’s to change', () => {
    const ledger = Ledger.create(1)
    Object.assign(ledger.counts(), { missing: 9 })
    expect(ledger.counts().missing).toBe(0)
  })
})

describe('Metrics', () => {
  test('default: ballots by state as they are when asked for, resends by status', async () => {
    const ledger = Ledger.create(5)
    const metrics = Metrics.create(() => ledger.counts())
    for (const ballot of [0, 1, 2, 3]) ledger.acknowledge(ballot, hash(ballot), 0)
    ledger.mine(0)
    ledger.giveUp(1)
    metrics.resent(200)
    metrics.resent(0)
    metrics.resent(0)
    const text = await metrics.registry.metrics()
    for (const line of [
      'ballotstorm_resender_ballots{state="missing"} 2',
      'ballotstorm_resender_ballots{state="mined"} 1',
      'ballotstorm_resender_ballots{state="given_up"} 1',
      'ballotstorm_resender_resends_total{status="200"} 1',
      'ballotstorm_resender_resends_total{status="0"} 2',
    ]) {
      expect(text).toContain(`${line}\n`)
    }
  })
})
