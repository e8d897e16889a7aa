import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'
import { COLOURS, find, type Chart } from './Chart.ts'
import { overTime, type Line } from './overTime.ts'

const LINES = [
  { series: 'finality_latency_p99', name: 'finality, p99', colour: COLOURS.final },
  { series: 'finality_latency_p50', name: 'finality, half', colour: COLOURS.final, dashed: true },
  { series: 'ack_latency_p99', name: 'answer, p99', colour: COLOURS.acknowledged },
  { series: 'ack_latency_p50', name: 'answer, half', colour: COLOURS.acknowledged, dashed: true },
] as const

/**
 * How long voters waited for the answer, and ballots for finality, by the second of sending.
 * All lines come from the history where it has them: Prometheus sees an answer when it comes, and
 * over a window, which would not fit beside them.
 */
export function latencyOverTime({ series, load }: Run): Chart | undefined {
  const own = series.filter(({ source }) => source === 'harness')
  const lines = LINES.flatMap((line): Line[] => {
    const found = find(own, line.series) ?? find(series, line.series)
    return found === undefined ? [] : [{ dashed: false, ...line, series: found }]
  })
  return overTime({
    id: 'latency',
    title: 'Time to the answer and to finality (logarithmic)',
    description:
      'Median and 99th percentile of the time to the answer and to finality, over the seconds since the storm began, on a logarithmic axis.',
    lines,
    load,
    format: Format.durationMs,
    scale: 'log',
    merge: 'greatest',
  })
}
