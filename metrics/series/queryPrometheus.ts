import * as Cumulative from './Cumulative.ts'
import * as PrometheusApi from './PrometheusApi.ts'
import { COUNTERS, type CounterName, type Query } from './queries.ts'
import type { Series } from './Series.ts'

export type Options = {
  api: PrometheusApi.PrometheusApi
  queries: readonly Query[]
  /** Unix ms of the storm's first instant: second 0 of the series. */
  startAtMs: number
  /** Unix ms up to which there are samples. */
  untilMs: number
}

/** A part's counter exists before the storm; this far back its first sample is found. */
const BEFORE_MS = 60_000

/**
 * Asks Prometheus for series over the seconds since the storm began. A counter becomes its increase
 * in each second. What Prometheus knows nothing of is left out.
 *
 * @throws {PrometheusApi.UnreachableError} {@link PrometheusApi.RefusedError}
 */
export async function queryPrometheus(options: Options): Promise<Series[]> {
  const all = await Promise.all(options.queries.map((query) => read(query, options)))
  return all.filter((series) => series !== undefined)
}

/**
 * The last values of the counters that are compared with the history. A counter that never moved
 * is not there and counts as 0. Ask two scrapes after the last event.
 *
 * @throws {PrometheusApi.UnreachableError} {@link PrometheusApi.RefusedError}
 */
export async function queryCounters(
  api: PrometheusApi.PrometheusApi,
  { startAtMs, untilMs }: Pick<Options, 'startAtMs' | 'untilMs'>,
): Promise<Record<CounterName, number>> {
  const window = { fromMs: startAtMs - BEFORE_MS, untilMs }
  const lastOf = async (name: CounterName): Promise<number> => {
    const all = await PrometheusApi.readSamples(api, COUNTERS[name], window)
    return all.reduce((sum, { samples }) => sum + total(samples), 0)
  }
  const [attempts, acknowledged, refused, indeterminate, final] = await Promise.all([
    lastOf('attempts'),
    lastOf('acknowledged'),
    lastOf('refused'),
    lastOf('indeterminate'),
    lastOf('final'),
  ])
  return { attempts, acknowledged, refused, indeterminate, final }
}

function total(samples: PrometheusApi.Samples['samples']): number {
  return Cumulative.from(samples, 'scraped').at(-1)?.[1] ?? 0
}

async function read(query: Query, options: Options): Promise<Series | undefined> {
  const { name, unit } = query
  const points = await increases(query, options)
  return points.length === 0 ? undefined : { name, unit, source: 'prometheus', points }
}

async function increases(
  { selector, arrival }: Query,
  { api, startAtMs, untilMs }: Options,
): Promise<Series['points']> {
  const window = { fromMs: startAtMs - BEFORE_MS, untilMs }
  const lines = (await PrometheusApi.readSamples(api, selector, window)).map(({ samples }) =>
    Cumulative.from(samples, arrival),
  )
  if (lines.length === 0) return []
  const countAt = (second: number): number =>
    lines.reduce((sum, line) => sum + Cumulative.at(line, startAtMs + second * 1000), 0)
  const length = Math.floor((untilMs - startAtMs) / 1000)
  return Array.from({ length: Math.max(0, length) }, (_, second) => [
    second,
    rounded(countAt(second + 1) - countAt(second)),
  ])
}

/** Three digits behind the point are more than any of these can be measured to. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
