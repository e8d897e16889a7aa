import type { Series } from '../series/Series.ts'
import * as Limits from './limits.ts'

/** How many ballots a second a system carries when there is always more to carry. */
export type Capacity = {
  /** Ballots a second that became final over the window; a lower bound where not saturated. */
  perS: number
  /** Whether the backlog was never empty for {@link Limits.SATURATED_S_MIN}: only then is it a capacity. */
  isSaturated: boolean
  /** The stretch that was measured, in whole seconds since the storm began. */
  fromS: number
  untilS: number
  /** Where ballots waited for most of it; what is there limits the system. */
  queue: 'before acknowledgement' | 'before finality' | 'nowhere'
}

export type Inputs = {
  /** The run's own series, a value each second. */
  series: readonly Series[]
  /** How long a ballot takes to become final where nothing waits: the median under a light load. */
  unloadedMs: number
}

/**
 * The capacity that a run showed: finals a second over the longest stretch in which there was never
 * no queue: acknowledged ballots that are not final, more than twice what the way itself holds, or
 * voters without an answer. Whoever was turned away for good waits for nothing; whoever was told to
 * come later does. Where no such stretch lasts {@link Limits.SATURATED_S_MIN}, the rate from the first ballot
 * offered to the last final one stands as a lower bound: a chain that stands still and then makes all
 * final at once has carried them in the whole of that time.
 *
 * @returns undefined where not one ballot became final.
 */
export function capacity({ series, unloadedMs }: Inputs): Capacity | undefined {
  const offered = valuesOf(series, 'ballots_offered')
  const acknowledged = valuesOf(series, 'ballots_acknowledged')
  const final = valuesOf(series, 'ballots_final')
  const untilS = final.findLastIndex(isPositive) + 1
  if (untilS === 0) return undefined
  const busy = { fromS: Math.max(0, offered.findIndex(isPositive)), untilS }
  const queueMin = Math.max(1, (Limits.QUEUE_FACTOR_MIN * rate(final, busy) * unloadedMs) / 1000)
  const turnedAway = valuesOf(series, 'ballots_turned_away')
  const answered = acknowledged.map((count, second) => count + (turnedAway[second] ?? 0))
  const toAnswer = differences(offered, answered, Limits.WAITING_S_MAX)
  const toFinality = differences(acknowledged, final, Infinity)
  const isQueued = (waiting: readonly number[], second: number): boolean =>
    (waiting[second] ?? 0) >= queueMin
  const stretch = longest(
    final.map((_, second) => isQueued(toAnswer, second) || isQueued(toFinality, second)),
  )
  const isSaturated = stretch.untilS - stretch.fromS >= Limits.SATURATED_S_MIN
  if (!isSaturated) return { perS: rate(final, busy), isSaturated, ...busy, queue: 'nowhere' }
  const seconds = Array.from(
    { length: stretch.untilS - stretch.fromS },
    (_, index) => stretch.fromS + index,
  )
  const behind = seconds.filter((second) => isQueued(toFinality, second)).length
  const queue = behind * 2 >= seconds.length ? 'before finality' : 'before acknowledgement'
  return { perS: rate(final, stretch), isSaturated, ...stretch, queue }
}

type Stretch = { fromS: number; untilS: number }

function rate(counts: readonly number[], { fromS, untilS }: Stretch): number {
  return sum(counts.slice(fromS, untilS)) / Math.max(1, untilS - fromS)
}

/** At each second, by how much what began outweighs what ended over the seconds looked back upon. */
function differences(
  begun: readonly number[],
  ended: readonly number[],
  lookbackS: number,
): number[] {
  let difference = 0
  return begun.map((count, second) => {
    difference += count - (ended[second] ?? 0)
    const gone = second - lookbackS
    if (gone >= 0) difference -= (begun[gone] ?? 0) - (ended[gone] ?? 0)
    return difference
  })
}

/** The longest run of queued seconds; the first of equal ones. */
function longest(queued: readonly boolean[]): Stretch {
  let best: Stretch = { fromS: 0, untilS: 0 }
  let fromS = 0
  for (const [second, isQueued] of queued.entries()) {
    if (!isQueued) fromS = second + 1
    else if (second + 1 - fromS > best.untilS - best.fromS) best = { fromS, untilS: second + 1 }
  }
  return best
}

/** The values of a series, second 0 first; a second without a sample has none. */
function valuesOf(series: readonly Series[], name: string): number[] {
  const found = series.find((line) => line.name === name && line.source === 'harness')
  return (found?.points ?? []).map(([, value]) => value ?? 0)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function isPositive(value: number): boolean {
  return value > 0
}
