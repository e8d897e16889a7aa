/**
 * Deals `total` seats by weight so that they sum exactly: each gets its whole part, the rest goes to
 * the largest remainders (the earlier one where two are equal).
 *
 * @param total - a whole number, at most the sum of `caps`.
 * @param weights - not negative; their sum need not be anything.
 * @param caps - the most that each can take; without them there is no bound.
 */
export function apportion(
  total: number,
  weights: ArrayLike<number>,
  caps?: ArrayLike<number>,
): Float64Array {
  const seats = new Float64Array(weights.length)
  const remainders = new Float64Array(weights.length)
  const capOf = (index: number): number => caps?.[index] ?? Number.POSITIVE_INFINITY
  let weightSum = 0
  for (let index = 0; index < weights.length; index += 1) weightSum += weights[index] ?? 0
  let left = total
  for (let index = 0; index < weights.length; index += 1) {
    const exact = weightSum === 0 ? 0 : (total * (weights[index] ?? 0)) / weightSum
    const whole = Math.min(Math.floor(exact), capOf(index))
    seats[index] = whole
    remainders[index] = exact - whole
    left -= whole
  }
  const order = [...seats.keys()].toSorted(
    (one, other) => (remainders[other] ?? 0) - (remainders[one] ?? 0) || one - other,
  )
  // One round does it but where caps bind: there the rest goes round again.
  while (left > 0) {
    const before = left
    for (const index of order) {
      if (left === 0) break
      const seat = seats[index] ?? 0
      if (seat >= capOf(index)) continue
      seats[index] = seat + 1
      left -= 1
    }
    if (left === before) throw new RangeError(`${left} of ${total} seats find no room.`)
  }
  return seats
}
