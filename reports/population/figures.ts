import * as Format from '../Format.ts'
import type { Row } from './Calibration.ts'

/** A counted or published figure: whole numbers whole, others to four digits. */
export function figure(value: number): string {
  if (Number.isInteger(value)) return Format.count(value)
  return Math.abs(value) >= 10_000 ? Format.count(value) : String(Number(value.toPrecision(4)))
}

/** Whether every counted value lies within the row's bounds. */
export function isWithin({ counted, low, high }: Row): boolean {
  return counted.length > 0 && counted.every((value) => value >= low && value <= high)
}

/** The counted value that is farthest from the expected one. */
function farthest({ counted, expected }: Row): number {
  return counted.reduce(
    (far, value) => (Math.abs(value - expected) > Math.abs(far - expected) ? value : far),
    expected,
  )
}

/** How far off the farthest value is, signed, for example `−0.3 %`. */
export function deviation(row: Row): string {
  return percent((farthest(row) - row.expected) / row.expected)
}

/** How far off it may be, for example `± 2 %`. */
export function tolerance({ high, expected }: Row): string {
  return `±\u202F${((high / expected - 1) * 100).toPrecision(2).replace(/\.0$/, '')}\u202F%`
}

function percent(share: number): string {
  if (share === 0) return '0\u202F%'
  const digits = (Math.abs(share) * 100).toFixed(2)
  if (digits === '0.00') return `${digits}\u202F%`
  return `${share < 0 ? '−' : '+'}${digits}\u202F%`
}
