import type { Series } from './Series.ts'

/** One counter, as both sides have it. */
export type Comparison = { name: string; prometheus: number; history: number; deviation: number }

/**
 * Compares the last values in Prometheus with the counts of the history. Only names that both sides
 * have are compared.
 *
 * @returns the deviation of each as a share of the history's count, and the greatest; null where
 * nothing could be compared.
 */
export function compareCounters(
  prometheus: Readonly<Record<string, number>>,
  history: Readonly<Record<string, number>>,
): { comparisons: Comparison[]; deviationMax: number | null } {
  const comparisons = Object.entries(history).flatMap(([name, count]): Comparison[] => {
    const seen = prometheus[name]
    return seen === undefined
      ? []
      : [{ name, prometheus: seen, history: count, deviation: deviation(seen, count) }]
  })
  const deviations = comparisons.map((comparison) => comparison.deviation)
  return { comparisons, deviationMax: deviations.length === 0 ? null : Math.max(...deviations) }
}

/**
 * How far the mean rates of two series lie apart over some seconds, as a share of the second one.
 *
 * @param window - `untilS` is the first second that does not count.
 * @returns null where one of them has no value in the window.
 */
export function compareRates(
  prometheus: Series,
  history: Series,
  window: { fromS: number; untilS: number },
): number | null {
  const [seen, known] = [meanRate(prometheus, window), meanRate(history, window)]
  return seen === null || known === null ? null : deviation(seen, known)
}

function meanRate(
  { points }: Series,
  { fromS, untilS }: { fromS: number; untilS: number },
): number | null {
  const values = points.flatMap(([second, value]) =>
    second >= fromS && second < untilS && value !== null ? [value] : [],
  )
  if (values.length === 0) return null
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Against a count of 0 every other count is wholly wrong. */
function deviation(value: number, reference: number): number {
  if (value === reference) return 0
  return reference === 0 ? 1 : Math.abs(value - reference) / reference
}
