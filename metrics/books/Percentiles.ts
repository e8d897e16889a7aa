import type { Latency } from '../Run.ts'

/**
 * The exact percentile by nearest rank: the smallest sample that at least `share` of all samples do
 * not exceed, sample number ⌈share × n⌉ of the sorted ones. No interpolation, so it is a latency
 * that somebody had.
 *
 * @param sorted - ascending.
 * @param share - above 0 and at most 1, for example 0.99.
 * @returns null where there is no sample.
 */
export function percentile(sorted: Float32Array, share: number): number | null {
  // 0.07 × 100 is 7.000000000000001 in floating point, and must be rank 7.
  const rank = Math.ceil(Number((share * sorted.length).toFixed(6)))
  return sorted[Math.max(1, rank) - 1] ?? null
}

/**
 * What a run record says of a latency.
 *
 * @param samples - in ms; sorted in place.
 * @param censoredCount - how many of them are ages at the deadline.
 */
export function summarise(samples: Float32Array, censoredCount: number): Latency {
  samples.sort()
  const at = (share: number): number | null => rounded(percentile(samples, share))
  return {
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: at(1),
    count: samples.length,
    censoredCount,
  }
}

/** To a tenth of a millisecond: what single precision holds for hours, and more than clocks tell. */
export function rounded(valueMs: number | null): number | null {
  return valueMs === null ? null : Math.round(valueMs * 10) / 10
}
