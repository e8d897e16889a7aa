/** How values that share a bucket become one. */
export type Merge = 'mean' | 'greatest'

type Point = readonly [second: number, value: number | null]

/**
 * Merges points into buckets of `bucketS` seconds, each placed at its first second. A bucket
 * without a value stays a gap: a stall must not look like a line between its neighbours.
 */
export function thinOut(
  points: readonly Point[],
  bucketS: number,
  merge: Merge,
): [number, number | null][] {
  const ordered = points.toSorted(([a], [b]) => a - b)
  if (bucketS <= 1) return ordered.map(([second, value]) => [second, value])
  const buckets = new Map<number, number[]>()
  for (const [second, value] of ordered) {
    const start = Math.floor(second / bucketS) * bucketS
    const values = buckets.get(start) ?? []
    if (value !== null) values.push(value)
    buckets.set(start, values)
  }
  return [...buckets].map(([start, values]) => [start, merged(values, merge)])
}

function merged(values: readonly number[], merge: Merge): number | null {
  if (values.length === 0) return null
  if (merge === 'greatest') return Math.max(...values)
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
