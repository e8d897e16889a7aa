/** Running totals of cells in a row: entry *i* is where cell *i* begins, the last one is the total. */
export type PrefixSums = Float64Array

/** The prefix sums of cell sizes; 8 bytes a cell. */
export function create(sizes: ArrayLike<number>): PrefixSums {
  const starts = new Float64Array(sizes.length + 1)
  for (let index = 0; index < sizes.length; index += 1) {
    starts[index + 1] = (starts[index] ?? 0) + (sizes[index] ?? 0)
  }
  return starts
}

/** Where cell `index` begins. */
export function startOf(starts: PrefixSums, index: number): number {
  const start = starts[index]
  if (start === undefined) throw new RangeError(`There is no cell ${index}.`)
  return start
}

/** The sum of all cells. */
export function totalOf(starts: PrefixSums): number {
  return startOf(starts, starts.length - 1)
}

/**
 * The cell that holds `position`, by bisection; empty cells are passed over.
 *
 * @throws {RangeError} outside of 0 … total − 1.
 */
export function cellOf(starts: PrefixSums, position: number): number {
  if (!(position >= 0 && position < totalOf(starts))) {
    throw new RangeError(`The position ${position} is outside of 0 to ${totalOf(starts)}.`)
  }
  let low = 0
  let high = starts.length - 2
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((starts[middle] ?? 0) <= position) low = middle
    else high = middle - 1
  }
  return low
}
