/** Pearson's statistic and its degrees of freedom. */
export type ChiSquared = { statistic: number; degrees: number }

/** How sure an interval is, as standard deviations of the normal distribution on either side. */
export const Z_99 = 2.5758
export const Z_9999 = 3.8906

/** The least expectation of a cell; below it the statistic is not distributed as it should be. */
const EXPECTED_MIN = 5

/**
 * How far counts are from their expectations. Cells that expect too little are joined with their
 * neighbours. One degree of freedom is taken for the total, which both have in common.
 */
export function of(counted: ArrayLike<number>, expected: ArrayLike<number>): ChiSquared {
  let statistic = 0
  let cells = 0
  let sums = { counted: 0, expected: 0 }
  const close = (): void => {
    if (sums.expected > 0) statistic += (sums.counted - sums.expected) ** 2 / sums.expected
    cells += 1
    sums = { counted: 0, expected: 0 }
  }
  for (let index = 0; index < counted.length; index += 1) {
    sums.counted += counted[index] ?? 0
    sums.expected += expected[index] ?? 0
    if (sums.expected >= EXPECTED_MIN) close()
  }
  if (sums.expected > 0 || sums.counted > 0) close()
  return { statistic, degrees: Math.max(0, cells - 1) }
}

/**
 * The interval in which statistic ÷ degrees lies by chance, about 1: too even is as suspicious as
 * too uneven. Wilson and Hilferty's approximation, within 1 % from 5 degrees on.
 */
export function interval(degrees: number, z: number): { low: number; high: number } {
  if (degrees === 0) return { low: 0, high: 0 }
  const variance = 2 / (9 * degrees)
  const at = (deviation: number): number =>
    Math.max(0, 1 - variance + deviation * Math.sqrt(variance)) ** 3
  return { low: at(-z), high: at(z) }
}
