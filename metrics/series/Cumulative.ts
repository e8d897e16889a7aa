/** A counter over time, rebuilt from samples that came at instants of their own. */
export type Cumulative = readonly (readonly [atMs: number, total: number])[]

/**
 * How samples come. Scrapes come whether the counter moved or not, so what lies between two of them
 * is a slope, also where some were missed. k6 pushes a counter only when it moved: a long gap is a
 * time in which nothing happened, and the increase belongs to the last second of it.
 */
export type Arrival = 'scraped' | 'pushed'

/** What lies between two pushes this close is a slope. */
const PUSH_GAP_MS_MAX = 2500

/** How long an increase takes that ends a gap, or that begins the series: one push. */
const PUSH_MS = 1000

/**
 * Rebuilds the counter. Where a sample is below the one before, the process had started anew, and
 * the count goes on from where it was.
 */
export function from(
  samples: readonly (readonly [atMs: number, value: number])[],
  arrival: Arrival,
): Cumulative {
  const gapMsMax = arrival === 'pushed' ? PUSH_GAP_MS_MAX : Number.MAX_VALUE
  const line: [number, number][] = []
  let [total, previous] = [0, 0]
  let previousMs = Number.NEGATIVE_INFINITY
  for (const [atMs, value] of samples) {
    // A counter exists from its first sample on; it had moved from 0 to there just before.
    const startsMs = atMs - previousMs > gapMsMax ? atMs - PUSH_MS : previousMs
    if (startsMs !== previousMs) line.push([startsMs, total])
    total += value >= previous ? value - previous : value
    line.push([atMs, total])
    previous = value
    previousMs = atMs
  }
  return line
}

/** The count at an instant; 0 before the first sample, and as it was after the last. */
export function at(line: Cumulative, atMs: number): number {
  let [low, high] = [0, line.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((line[middle]?.[0] ?? 0) <= atMs) low = middle + 1
    else high = middle
  }
  const [before, after] = [line[low - 1], line[low]]
  if (before === undefined) return 0
  if (after === undefined) return before[1]
  const [[beforeMs, count], [afterMs, next]] = [before, after]
  return count + ((next - count) * (atMs - beforeMs)) / (afterMs - beforeMs)
}
