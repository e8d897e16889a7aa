import { describe, expect, test } from 'vitest'

import type { Series } from '../../../metrics/series/Series.ts'
import { capacity } from '../../../metrics/verdict/capacity.ts'

const SECONDS = 200

function line(name: string, valueAt: (second: number) => number): Series {
  const points = Array.from({ length: SECONDS }, (_, second): [number, number] => [
    second,
    valueAt(second),
  ])
  return { name, unit: 'ballots/s', source: 'harness', points }
}

/** Offered and acknowledged at `offeredPerS`; the system carries at most `carriedPerS`. */
function overload(offeredPerS: number, carriedPerS: number, forS = 100): Series[] {
  let waiting = 0
  const final = Array.from({ length: SECONDS }, (_, second) => {
    waiting += second < forS ? offeredPerS : 0
    const done = Math.min(waiting, carriedPerS)
    waiting -= done
    return done
  })
  const offered = (second: number): number => (second < forS ? offeredPerS : 0)
  return [
    line('ballots_offered', offered),
    line('ballots_acknowledged', offered),
    line('ballots_final', (second) => final[second] ?? 0),
  ]
}

/** Of 100 voters a second 45 are served, and the others refused, in this series. */
function refused(name: string): Series[] {
  return [
    line('ballots_offered', (second) => (second < 100 ? 100 : 0)),
    line('ballots_acknowledged', (second) => (second < 100 ? 45 : 0)),
    line('ballots_final', (second) => (second < 100 ? 45 : 0)),
    line(name, (second) => (second < 100 ? 55 : 0)),
  ]
}

describe('capacity', () => {
  test('default: what a system with a queue carries', () => {
    const found = capacity({
      series: overload(1000, 700),
      unloadedMs: 1000,
    })
    expect(found).toMatchObject({ perS: 700, isSaturated: true, queue: 'before finality' })
  })

  test('behavior: a system that keeps up shows a lower bound, not a capacity', () => {
    const found = capacity({
      series: overload(500, 700),
      unloadedMs: 1000,
    })
    expect(found).toMatchObject({ perS: 500, isSaturated: false })
  })

  test('behavior: ballots on an empty way are no queue, however long the way is', () => {
    const lagS = 5
    const series = [
      line('ballots_offered', (second) => (second < 100 ? 500 : 0)),
      line('ballots_acknowledged', (second) => (second < 100 ? 500 : 0)),
      line('ballots_final', (second) => (second >= lagS && second < 100 + lagS ? 500 : 0)),
    ]
    const unloadedMs = lagS * 1000
    expect(capacity({ series, unloadedMs })?.isSaturated).toBe(false)
    // The mutant: without the way's own ballots taken off, the same series would look saturated.
    expect(capacity({ series, unloadedMs: 0 })?.isSaturated).toBe(true)
  })

  test('behavior: a queue of less than a minute is no saturation', () => {
    const series = overload(1000, 900, 45)
    const found = capacity({ series, unloadedMs: 100 })
    expect(found?.isSaturated).toBe(false)
  })

  test('behavior: without a chain, what is offered and not answered is the queue', () => {
    const series = [
      line('ballots_offered', (second) => (second < 100 ? 1000 : 0)),
      line('ballots_acknowledged', (second) => (second < 100 ? 800 : 0)),
      line('ballots_final', (second) => (second < 100 ? 800 : 0)),
    ]
    const found = capacity({ series, unloadedMs: 20 })
    expect(found).toMatchObject({ isSaturated: true, queue: 'before acknowledgement' })
    expect(found?.perS).toBeGreaterThan(700)
  })

  test('behavior: voters refused long ago are no queue', () => {
    const series = [
      line('ballots_offered', () => 100),
      line('ballots_acknowledged', (second) => (second < 5 ? 0 : 100)),
      line('ballots_final', (second) => (second < 5 ? 0 : 100)),
    ]
    expect(capacity({ series, unloadedMs: 20 })?.isSaturated).toBe(false)
  })

  test('behavior: a chain that stands still and makes all final at once carried them all the while', () => {
    const series = [
      line('ballots_offered', (second) => (second < 50 ? 150 : 0)),
      line('ballots_acknowledged', (second) => (second < 50 ? 150 : 0)),
      line('ballots_final', (second) => (second === 54 ? 7500 : 0)),
    ]
    const found = capacity({ series, unloadedMs: 1000 })
    expect(found).toMatchObject({ isSaturated: false, fromS: 0, untilS: 55 })
    expect(found?.perS).toBeCloseTo(7500 / 55)
  })

  test('behavior: voters who are turned away for good are no queue; those told to come later are', () => {
    const turnedAway = capacity({ series: refused('ballots_turned_away'), unloadedMs: 20 })
    expect(turnedAway).toMatchObject({ isSaturated: false, queue: 'nowhere' })
    const putOff = capacity({ series: refused('ballots_put_off'), unloadedMs: 20 })
    expect(putOff).toMatchObject({ isSaturated: true, queue: 'before acknowledgement' })
  })

  test('behavior: a run without a final ballot has no capacity', () => {
    const series = [
      line('ballots_offered', () => 5),
      line('ballots_acknowledged', () => 5),
      line('ballots_final', () => 0),
    ]
    expect(capacity({ series, unloadedMs: 1 })).toBeUndefined()
  })

  test('behavior: the time before the first ballot and after the last final one is not counted', () => {
    const series = [
      line('ballots_offered', (second) => (second >= 10 && second < 20 ? 30 : 0)),
      line('ballots_acknowledged', (second) => (second >= 10 && second < 20 ? 30 : 0)),
      line('ballots_final', (second) => (second >= 12 && second < 22 ? 30 : 0)),
    ]
    const found = capacity({ series, unloadedMs: 2000 })
    expect(found).toEqual({ perS: 25, isSaturated: false, fromS: 10, untilS: 22, queue: 'nowhere' })
  })

  test.each([
    [60, true],
    [59, false],
  ])('behavior: a queue of %i s is saturation: %s', (queuedS, isSaturated) => {
    // Two arrive and none is carried in second 100; the two go at the end of the queue.
    const untilS = 100 + queuedS
    const series = [
      line('ballots_offered', (second) => (second === 100 ? 2 : 1)),
      line('ballots_acknowledged', (second) => (second === 100 ? 2 : 1)),
      line('ballots_final', (second) => (second === 100 ? 1 : second === untilS ? 2 : 1)),
    ]
    const found = capacity({ series: series.map(cut(untilS + 1)), unloadedMs: 0 })
    expect(found?.isSaturated).toBe(isSaturated)
    expect(found?.fromS).toBe(isSaturated ? 100 : 0)
  })

  test('behavior: the longest queue is measured, and the first of two equal ones', () => {
    const longer = stretchOf([0, 70], [80, 160], [170, 240])
    expect(longer).toMatchObject({ fromS: 80, untilS: 160, perS: 4 })
    const equal = stretchOf([10, 80], [100, 170])
    expect(equal).toMatchObject({ fromS: 10, untilS: 80, perS: 4 })
  })

  test('behavior: ballots wait where they waited most of the time', () => {
    expect(queueOf(35)).toBe('before finality')
    expect(queueOf(36)).toBe('before finality')
    expect(queueOf(34)).toBe('before acknowledgement')
  })

  test('behavior: exactly twice what the way holds is a queue, a ballot less is none', () => {
    expect(standing(200)?.isSaturated).toBe(true)
    expect(standing(199)?.isSaturated).toBe(false)
  })

  test('behavior: what Prometheus scraped is not taken for the run’s own', () => {
    const scraped = overload(1000, 1).map((one): Series => ({ ...one, source: 'prometheus' }))
    expect(capacity({ series: [...scraped, ...overload(1000, 700)], unloadedMs: 1000 })?.perS).toBe(
      700,
    )
  })
})

function cut(untilS: number) {
  return (one: Series): Series => ({ ...one, points: one.points.slice(0, untilS) })
}

/** Four ballots wait from each of these seconds up to the other, and in no other; four are carried in each. */
function stretchOf(...queues: [fromS: number, untilS: number][]) {
  const waiting = (second: number): number =>
    queues.some(([fromS, untilS]) => second >= fromS && second < untilS) ? 4 : 0
  const begun = (second: number): number => 4 + waiting(second) - waiting(second - 1)
  const series = [
    line('ballots_offered', begun),
    line('ballots_acknowledged', begun),
    line('ballots_final', () => 4),
  ]
  return capacity({ series, unloadedMs: 0 })
}

/** Of seventy queued seconds, in so many acknowledged ballots wait for finality; in the others voters. */
function queueOf(behindS: number): string | undefined {
  const answeredAt = 70 - behindS
  // Nobody looks back upon a voter for long, so new ones come in each second.
  const series = [
    line('ballots_offered', (second) => (second < answeredAt ? 1 : 0)),
    line('ballots_acknowledged', (second) => (second === answeredAt ? answeredAt : 0)),
    line('ballots_final', (second) => (second === 70 ? answeredAt : 0)),
  ]
  return capacity({ series: series.map(cut(71)), unloadedMs: 0 })?.queue
}

/** So many ballots wait all the time on a way that holds a hundred. */
function standing(waiting: number) {
  const series = [
    line('ballots_offered', (second) => (second === 0 ? 100 + waiting : 100)),
    line('ballots_acknowledged', (second) => (second === 0 ? 100 + waiting : 100)),
    line('ballots_final', () => 100),
  ]
  return capacity({ series, unloadedMs: 1000 })
}
