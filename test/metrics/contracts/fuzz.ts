/** How many calldata a fuzz sent to a contract, and how many of them it took. */
export type Counts = { calldataCount: number; takenCount: number }

/** Calls in one block. */
export const CALLS_IN_BLOCK_MAX = 3

/** Prints what a person copies into `BENCHMARKS.md`. */
export function tell(name: string, { calldataCount, takenCount }: Counts): void {
  const percent = Math.round((100 * takenCount) / calldataCount)
  process.stdout.write(
    `fuzz of ${name}: ${calldataCount} calldata, ${takenCount} taken (${percent} %)\n`,
  )
}
