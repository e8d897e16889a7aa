/**
 * A Poisson distribution over doubling bins (0, 1, 2 and 3, 4 to 7, …): how often voters would vote
 * were they all alike.
 *
 * @returns the share of each bin.
 */
export function poissonBins(mean: number, binCount: number): Float64Array {
  const bins = new Float64Array(binCount)
  let logFactorial = 0
  for (let value = 0; value < 2 ** (binCount - 1); value += 1) {
    if (value > 0) logFactorial += Math.log(value)
    const bin = value === 0 ? 0 : Math.floor(Math.log2(value)) + 1
    const share = Math.exp(value * Math.log(mean) - mean - logFactorial)
    bins[bin] = (bins[bin] ?? 0) + share
  }
  return bins
}
