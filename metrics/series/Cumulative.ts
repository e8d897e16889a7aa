/**
 * A counter over time, rebuilt from samples that came at instants of their own. k6 pushes a counter
 * only when it moved, so a long gap between two samples is a time in which nothing happened and not
 * a slope: the increase then belongs to the last second of the gap.
 */
export type Cumulative = readonly (readonly [atMs: number, total: number])[]

/** What lies between two samples this close is a slope. */
const SLOPE_MS_MAX = 2500

/** How long an increase takes that ends a gap, or that begins the series: one push. */
const PUSH_MS = 1000

/**
 * Rebuilds the counter. Where a sample is below the one before, the process had started anew, and
 * the count goes on from where it was.
 */
export function from(samples: readonly (readonly [atMs: number, value: number])[]): Cumulative {
  const line: [number, number][] = []
  let [total, previous] = [0, 0]
  let previousMs = Number.NEGATIVE_INFINITY
  for (const [atMs, value] of samples) {
    // A counter exists from its first sample on; it had moved from 0 to there just before.
    const startsMs = atMs - previousMs > SLOPE_MS_MAX ? atMs - PUSH_MS : previousMs
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
