/**
 * Rounds shares to whole numbers so that they sum exactly, by chance: each becomes the whole number
 * below or above it, on average what it was. (By largest remainder the same small strata would be
 * left out of every small poll.) The running total is rounded, shifted by `start`, and its steps are
 * the result.
 *
 * @param expected - not negative; they should sum to `total`, but for the last digits.
 * @param options - `total`: a whole number; `start`: 0 to 1, 1 excluded, drawn at random;
 *   `caps`: the most that each can take, at least what is expected.
 */
export function roundInTurn(
  expected: ArrayLike<number>,
  options: { total: number; start: number; caps: ArrayLike<number> },
): Float64Array {
  const { total, start, caps } = options
  const rounded = new Float64Array(expected.length)
  let sum = 0
  let reached = 0
  for (let index = 0; index < expected.length; index += 1) {
    sum += expected[index] ?? 0
    const next = Math.min(total, Math.floor(sum + start))
    rounded[index] = Math.min(next - reached, caps[index] ?? 0)
    reached += rounded[index] ?? 0
  }
  // What the last digits, or a full stratum, left over goes to the first with room.
  for (let index = 0; index < rounded.length && reached < total; index += 1) {
    const room = Math.min((caps[index] ?? 0) - (rounded[index] ?? 0), total - reached)
    rounded[index] = (rounded[index] ?? 0) + room
    reached += room
  }
  return rounded
}
