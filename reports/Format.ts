/** Numbers as people read them: a unit always, thin spaces, no digits that say nothing. */

/** What stands where there was no sample. */
export const NO_SAMPLES = 'no samples'

/** Narrow no-break space, which keeps a number and its unit on one line. */
const THIN = '\u202F'

/** A whole number with thousands separators, for example `12,345`. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A count and its noun, for example `1 ballot`, `12 ballots`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${Math.round(value) === 1 ? noun : `${noun}s`}`
}

/** A duration given in milliseconds, in the unit that suits it; null is {@link NO_SAMPLES}. */
export function durationMs(valueMs: number | null): string {
  if (valueMs === null || !Number.isFinite(valueMs)) return NO_SAMPLES
  const sizeMs = Math.abs(valueMs)
  if (sizeMs < 10) return `${trim(valueMs.toFixed(1))}${THIN}ms`
  if (sizeMs < 999.5) return `${Math.round(valueMs)}${THIN}ms`
  if (sizeMs < 9_995) return `${trim((valueMs / 1000).toFixed(2))}${THIN}s`
  if (sizeMs < 119_950) return `${trim((valueMs / 1000).toFixed(1))}${THIN}s`
  return longDuration(valueMs)
}

/** Ballots a second, for example `83.3 ballots/s`. */
export function perSecond(value: number): string {
  return `${number(value)}${THIN}ballots/s`
}

/** A share from 0 to 1 in percent; a share that is not whole is never rounded up to 100 %. */
export function share(value: number): string {
  const percent = value * 100
  if (percent === 0 || percent === 100) return `${percent}${THIN}%`
  if (percent < 0.1) return `under 0.1${THIN}%`
  if (percent > 99.9) return `over 99.9${THIN}%`
  return `${trim(percent.toFixed(1))}${THIN}%`
}

/** `part` of `whole` in percent; {@link NO_SAMPLES} where the whole is nothing. */
export function shareOf(part: number, whole: number): string {
  return whole === 0 ? NO_SAMPLES : share(part / whole)
}

/** Bytes in binary units, for example `24 GiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = value
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${trim(size.toFixed(size < 10 ? 1 : 0))}${THIN}${units[unit]}`
}

/** A number of any size, with the digits that say something; what is not 0 never becomes 0. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return NO_SAMPLES
  const size = Math.abs(value)
  if (size >= 1000) return count(value)
  if (size >= 0.1) return trim(value.toFixed(size >= 10 ? 1 : 2))
  return String(Number(value.toPrecision(2)))
}

/** A value in the unit that an objective names; milliseconds become the duration that suits. */
export function inUnit(value: number | null, unit: string): string {
  if (value === null || !Number.isFinite(value)) return NO_SAMPLES
  if (unit === 'ms') return durationMs(value)
  if (unit === 'share') return share(value)
  return unit === '' ? number(value) : `${number(value)}${THIN}${unit}`
}

/** An ISO instant as `22 November 2026, 16:14:03 UTC`; what is no instant stays as it is. */
export function instant(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  return `${DATE.format(at)}, ${at.toISOString().slice(11, 19)} UTC`
}

const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })

function longDuration(valueMs: number): string {
  const seconds = Math.round(valueMs / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  if (hours > 0) return `${hours}${THIN}h ${minutes}${THIN}min`
  const rest = seconds % 60
  return rest === 0 ? `${minutes}${THIN}min` : `${minutes}${THIN}min ${rest}${THIN}s`
}

function trim(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
