import type { DayArrivals } from '../schedule/DayArrivals.ts'

/** Ballots of a day by the minute from opening. */
export type DayCount = { enumerated: number; perMinute: Float64Array }

const MINUTE_MS = 60_000

/**
 * Counts the instants of a day by minutes of the city's clock.
 *
 * @param compress - the day is played so many times faster; a minute counts as one of the city's.
 */
export function countDay(
  arrivals: Pick<DayArrivals, 'durationMs' | 'instants'>,
  compress = 1,
): DayCount {
  const minutes = Math.ceil((arrivals.durationMs * compress) / MINUTE_MS)
  const perMinute = new Float64Array(minutes)
  let enumerated = 0
  for (const instant of arrivals.instants()) {
    const minute = Math.min(minutes - 1, Math.floor((instant * compress) / MINUTE_MS))
    perMinute[minute] = (perMinute[minute] ?? 0) + 1
    enumerated += 1
  }
  return { enumerated, perMinute }
}
