/** One figure of a calibration: what it should be, and what was counted under each seed. */
export type Row = {
  /** `published`: a fact about the real city. `model`: what the city model says of itself. */
  kind: 'published' | 'model'
  id: string
  name: string
  /** Where the expected value comes from. */
  source: string
  expected: number
  /** What may be counted, ends included. */
  low: number
  high: number
  /** One for each seed, in the seeds' order. */
  counted: number[]
}

/** Whether every counted value is a number within the row's bounds. */
function isWithin({ counted, low, high }: Row): boolean {
  return counted.length > 0 && counted.every((value) => value >= low && value <= high)
}

/** What is wrong with the rows, a sentence each; none: the population is as it should be. */
export function problems(rows: readonly Row[]): string[] {
  return rows
    .filter((row) => !isWithin(row))
    .map(
      ({ name, low, high, counted }) =>
        `${name}: counted ${counted.map(digits).join(', ')}, not from ${digits(low)} to ${digits(high)}.`,
    )
}

function digits(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(6)
}
