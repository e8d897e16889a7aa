import type { Day } from './CityModel.ts'
import * as PrefixSums from './PrefixSums.ts'

/** How a day's ballots spread over its time: straight lines between the model's points. */
export type DayCurve = {
  /** From opening to closing. */
  durationMs: number
  /** When it opens, ms after midnight. */
  opensAtMs: number
  /** Ends of the pieces, ms after opening; the first is 0. */
  edgesMs: Float64Array
  /** Height of the curve at each edge. */
  heights: Float64Array
  /** Area of the pieces before each edge. */
  areas: PrefixSums.PrefixSums
}

const MINUTE_MS = 60_000

/** The curve of a city model's day. */
export function create({ points }: Day): DayCurve {
  const timesMs = points.map(({ at }) => toMs(at))
  const opensAtMs = timesMs[0] ?? 0
  const edgesMs = Float64Array.from(timesMs, (timeMs) => timeMs - opensAtMs)
  const heights = Float64Array.from(points, ({ weight }) => weight)
  const areas = PrefixSums.create(
    Array.from({ length: points.length - 1 }, (_, piece) => {
      const { widthMs, left, right } = pieceOf({ edgesMs, heights }, piece)
      return (widthMs * (left + right)) / 2
    }),
  )
  return { durationMs: edgesMs.at(-1) ?? 0, opensAtMs, edgesMs, heights, areas }
}

/**
 * The instant before which the share `share` of a day's ballots is cast, ms after opening. With
 * uniform shares it makes instants that follow the curve.
 *
 * @param share - 0 to 1, 1 excluded.
 */
export function quantile(curve: DayCurve, share: number): number {
  const target = share * PrefixSums.totalOf(curve.areas)
  // A share next to 1 may be rounded up.
  if (target >= PrefixSums.totalOf(curve.areas)) return curve.durationMs
  const piece = PrefixSums.cellOf(curve.areas, target)
  const { startMs, widthMs, left, right } = pieceOf(curve, piece)
  const area = target - PrefixSums.startOf(curve.areas, piece)
  if (area === 0) return startMs
  // The root of left·t + (right − left)·t² / (2·width) = area in the form that cancels nothing.
  const slope = (right - left) / widthMs
  return startMs + (2 * area) / (left + Math.sqrt(Math.max(0, left * left + 2 * slope * area)))
}

/**
 * The share of a day's ballots that is cast before an instant: the inverse of {@link quantile}.
 *
 * @param timeMs - ms after opening; what lies outside of the day counts as its end.
 */
export function shareBefore(curve: DayCurve, timeMs: number): number {
  if (timeMs <= 0) return 0
  if (timeMs >= curve.durationMs) return 1
  const piece = PrefixSums.cellOf(curve.edgesMs, timeMs)
  const { startMs, widthMs, left, right } = pieceOf(curve, piece)
  const sinceMs = timeMs - startMs
  const area = sinceMs * (left + ((right - left) * sinceMs) / (2 * widthMs))
  return (PrefixSums.startOf(curve.areas, piece) + area) / PrefixSums.totalOf(curve.areas)
}

/** Shares of a day's ballots by minute from opening; the last minute may be cut short by closing. */
export function minuteShares(curve: DayCurve): Float64Array {
  return Float64Array.from({ length: Math.ceil(curve.durationMs / MINUTE_MS) }, (_, minute) => {
    const before = shareBefore(curve, minute * MINUTE_MS)
    return shareBefore(curve, (minute + 1) * MINUTE_MS) - before
  })
}

type Piece = { startMs: number; widthMs: number; left: number; right: number }

function pieceOf(
  { edgesMs, heights }: Pick<DayCurve, 'edgesMs' | 'heights'>,
  piece: number,
): Piece {
  const startMs = edgesMs[piece] ?? 0
  return {
    startMs,
    widthMs: (edgesMs[piece + 1] ?? startMs) - startMs,
    left: heights[piece] ?? 0,
    right: heights[piece + 1] ?? 0,
  }
}

function toMs(at: string): number {
  const [hours, minutes] = at.split(':')
  return (Number(hours) * 60 + Number(minutes)) * MINUTE_MS
}
