import type { Latency, Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'

/** One clock of a ballot, with its percentiles as text. */
export type LatencyColumn = {
  name: string
  /** From when until when, in words. */
  meaning: string
  percentiles: { name: string; value: string }[]
  count: string
  censored: string
}

/** The percentiles that the record holds, in their order. */
const PERCENTILES = [
  ['p50', 'p50 (half)'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p999', 'p99.9'],
  ['max', 'slowest'],
] as const satisfies readonly (readonly [keyof Latency, string])[]

/** The three clocks of a ballot, each from the instant at which the plan wanted it sent. */
export function latencies({ latencyMs, load }: Run): LatencyColumn[] {
  const answer = load.path === 'api' ? 'the signed receipt' : 'the transaction hash from a node'
  return [
    column('Acknowledged', `until the voter had ${answer}`, latencyMs.ack),
    column('Included', 'until a block held the ballot', latencyMs.inclusion),
    column('Final', 'until the ballot could not vanish any more', latencyMs.finality),
  ]
}

function column(name: string, meaning: string, latency: Latency): LatencyColumn {
  return {
    name,
    meaning,
    percentiles: PERCENTILES.map(([key, label]) => ({
      name: label,
      value: latency.count === 0 ? Format.NO_SAMPLES : Format.durationMs(latency[key]),
    })),
    count: Format.count(latency.count),
    censored: Format.count(latency.censoredCount),
  }
}
