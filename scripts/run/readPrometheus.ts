import { setTimeout as sleep } from 'node:timers/promises'

import type { Books } from '../../metrics/books/reconcile.ts'
import type { Run } from '../../metrics/Run.ts'
import { RATE_DEVIATION_MAX } from '../../metrics/verdict/limits.ts'
import { compareCounters, compareRates } from '../../metrics/series/compareCounters.ts'
import { SCRAPE_INTERVAL_S } from '../../metrics/series/prometheusConfig.ts'
import { QUERIES } from '../../metrics/series/queries.ts'
import { queryCounters, queryPrometheus } from '../../metrics/series/queryPrometheus.ts'
import type { Series } from '../../metrics/series/Series.ts'
import type { Prometheus } from '../rig/startPrometheus.ts'
import type { Fired } from './fireStorm.ts'

/** What Prometheus recorded of a run. */
export type Scraped = {
  version: string
  counters: Readonly<Record<string, number>>
  series: Series[]
}

/** Two scrapes after the last event every counter has arrived. */
const SETTLE_MS = 2 * SCRAPE_INTERVAL_S * 1000

/**
 * Asks the run's Prometheus for counters and series.
 *
 * @returns undefined where there is none; its failure while being asked is a sentence.
 */
export async function readPrometheus(
  prometheus: Prometheus | undefined,
  fired: Fired,
): Promise<Scraped | string | undefined> {
  if (prometheus === undefined) return undefined
  const { url, version } = prometheus
  await sleep(SETTLE_MS)
  try {
    const window = { startAtMs: fired.startAtMs, untilMs: Date.now() }
    const api = { url }
    const [counters, series] = await Promise.all([
      queryCounters(api, window),
      queryPrometheus({ api, queries: QUERIES, ...window }),
    ])
    return { version, counters, series }
  } catch (error) {
    return `Prometheus could not be asked: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Holds its final counters and its rate against the history's; what differs becomes a note. */
export function compare(
  scraped: Scraped | string | undefined,
  books: Books,
  stormMs: number,
): { prometheus: Run['prometheus']; notes: string[]; series: Series[] } {
  if (scraped === undefined) return { prometheus: null, notes: [], series: [] }
  if (typeof scraped === 'string') return { prometheus: null, notes: [scraped], series: [] }
  const { version, counters, series } = scraped
  const { acknowledged, refused, final } = books.counts
  const { comparisons, deviationMax } = compareCounters(counters, { acknowledged, refused, final })
  const differing = comparisons.filter(({ deviation }) => deviation > 0)
  const notes = differing.map(
    ({ name, prometheus, history }) =>
      `Prometheus counted ${prometheus} ballots as ${name}, the books ${history}.`,
  )
  const rate = rateDeviation(series, books.series, stormMs)
  if (rate !== null && rate > RATE_DEVIATION_MAX) {
    notes.push(
      `The rate of acknowledgements in Prometheus is ${percent(rate)} off the history's (at most ${percent(RATE_DEVIATION_MAX)} is expected).`,
    )
  }
  return { prometheus: { version, counterDeviationMax: deviationMax }, notes, series }
}

function rateDeviation(
  scraped: readonly Series[],
  own: readonly Series[],
  stormMs: number,
): number | null {
  const [seen, known] = [acknowledgements(scraped), acknowledgements(own)]
  if (seen === undefined || known === undefined) return null
  return compareRates(seen, known, { fromS: 0, untilS: Math.floor(stormMs / 1000) })
}

function acknowledgements(all: readonly Series[]): Series | undefined {
  return all.find(({ name }) => name === 'ballots_acknowledged')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
