/** A measured value as a sentence says it: whole milliseconds, shares in percent. */
export function amount(value: number | null, unit: string): string {
  if (value === null) return 'nothing'
  if (unit === 'share') return `${(value * 100).toFixed(1)} %`
  return unit === 'ms' ? `${Math.round(value).toLocaleString('en-US')} ms` : `${value} ${unit}`
}
