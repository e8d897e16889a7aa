/** A number of the chain; what no ballot can name becomes the greatest, so that it is seen as alien. */
export function numberOf(value: string | number | bigint | undefined): number {
  const number = Number(value)
  return Number.isSafeInteger(number) && number >= 0 ? number : Number.MAX_SAFE_INTEGER
}
