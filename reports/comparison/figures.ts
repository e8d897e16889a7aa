import type { Capacity, Comparison, Entry } from '../../metrics/Comparison.ts'
import * as Format from '../Format.ts'

/** What stands where a figure is missing. */
const NONE = '–'

const MS_PER_DAY = 86_400_000

/** From here on nobody counts in hours. */
const LONG_DAYS = 2

/** The design that all others are measured against. */
export const REFERENCE = 'active-citizen-2017'

/** For example `relayed on qbft`; a design without a chain stands alone. */
export function nameOf({ design, network }: Pick<Entry, 'design' | 'network'>): string {
  return network === null ? design : `${design} on ${network}`
}

/** A lower bound says so. */
export function perSecond(capacity: Capacity | null): string {
  if (capacity === null) return NONE
  return `${capacity.isSaturated ? '' : 'at least '}${Format.perSecond(capacity.perS)}`
}

/** Multiples of the 2017 design on the same network, else on the first one there is. */
export function multiple(entry: Entry, { entries }: Comparison): string {
  const references = entries.filter(({ design }) => design === REFERENCE)
  const reference = references.find(({ network }) => network === entry.network) ?? references.at(0)
  const [ours, theirs] = [entry.capacity, reference?.capacity ?? null]
  // A multiple of a lower bound could be anything below it.
  if (ours === null || theirs === null || theirs.perS === 0 || !theirs.isSaturated) return NONE
  return `${ours.isSaturated ? '' : 'at least '}${Format.number(ours.perS / theirs.perS)}×`
}

/** The seconds of the storm over which a capacity was measured. */
export function secondsOf(capacity: Capacity | null): string {
  return capacity === null ? NONE : `second ${capacity.fromS} to ${capacity.untilS}`
}

/** A time for so many ballots; of a lower bound an upper one. */
export function days(capacity: Capacity | null, ballots: keyof Capacity['days']): string {
  if (capacity === null) return NONE
  const value = capacity.days[ballots]
  const isLong = value >= LONG_DAYS
  const text = isLong ? `${Format.number(value)} days` : Format.durationMs(value * MS_PER_DAY)
  return capacity.isSaturated ? text : `at most ${text}`
}

/** A figure, or a dash where there is none. */
export function amount(value: number | null | undefined, unit = ''): string {
  return value === null || value === undefined ? NONE : Format.inUnit(value, unit)
}

/** A share, or a dash. */
export function share(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : Format.share(value)
}
