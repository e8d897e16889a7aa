import type { Latency, Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'
import { COLOURS, NARROW, WIDE, type Chart, type Size } from './Chart.ts'
import { renderSvg } from './renderSvg.ts'

/** One row of dots: a clock of the ballot. */
type Row = { name: string; colour: string; latency: Latency }

type Dot = { value: [number, number]; label: string; size: number; hollow: boolean }

/** Later percentiles are drawn smaller: they stand for fewer ballots. */
const DOTS = [
  ['p50', 15],
  ['p90', 12],
  ['p99', 10],
  ['p999', 7],
  ['max', 7],
] as const satisfies readonly (readonly [keyof Latency, number])[]

/** A logarithmic axis has no zero; what is faster than this stands at its left end. */
const LEAST_MS = 1

/** The percentiles of all three clocks on one logarithmic axis; undefined without a sample. */
export function percentiles({ latencyMs }: Run): Chart | undefined {
  const rows = [
    { name: 'Acknowledged', colour: COLOURS.acknowledged, latency: latencyMs.ack },
    { name: 'Included', colour: COLOURS.included, latency: latencyMs.inclusion },
    { name: 'Final', colour: COLOURS.final, latency: latencyMs.finality },
  ].filter(({ latency }) => latency.count > 0 && latency.p50 !== null)
  if (rows.length === 0) return undefined
  return {
    id: 'percentiles',
    title: 'From half of the ballots to the slowest',
    description:
      'Latency percentiles of each clock on a logarithmic axis; the table has the numbers.',
    legend: rows.map(({ name, colour, latency }) => ({
      name: `${name}: ${Format.counted(latency.count, 'sample')}, ${Format.count(latency.censoredCount)} unfinished`,
      colour,
    })),
    source:
      'Each row from left to right: p50, p90, p99, p99.9, slowest (a ring). Logarithmic axis.',
    wide: renderSvg('percentiles-wide', { ...WIDE, height: 220 }, option(rows, WIDE)),
    narrow: renderSvg('percentiles-narrow', NARROW, option(rows, NARROW)),
  }
}

function option(rows: readonly Row[], size: Size): Parameters<typeof renderSvg>[2] {
  const narrow = size.width < 500
  const all = rows.map(dots)
  const times = all.flat().map(({ value: [ms] }) => ms)
  return {
    // ECharts measures text without a font here and cuts long names: the margin is by hand.
    grid: { left: narrow ? 104 : 110, right: 24, top: 14, bottom: 24 },
    xAxis: {
      type: 'log',
      min: 10 ** Math.floor(Math.log10(Math.min(...times))),
      max: 10 ** Math.ceil(Math.log10(Math.max(...times) * 1.05)),
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: COLOURS.rule } },
      axisLabel: { color: COLOURS.muted, formatter: (ms: number) => Format.durationMs(ms) },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map(({ name }) => name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: COLOURS.ink, fontSize: 13 },
    },
    series: rows.flatMap(({ colour }, row) => [
      bar(all[row] ?? [], colour),
      points(all[row] ?? [], colour, narrow),
    ]),
  }
}

function dots({ latency }: Row, row: number): Dot[] {
  return DOTS.flatMap(([key, size]) => {
    const ms = latency[key]
    if (ms === null || !Number.isFinite(ms)) return []
    const value: [number, number] = [Math.max(LEAST_MS, ms), row]
    return [{ value, label: Format.durationMs(ms), size, hollow: key === 'max' }]
  })
}

/** The line behind a row's dots. */
function bar(row: readonly Dot[], colour: string): object {
  return {
    type: 'line',
    silent: true,
    showSymbol: false,
    emphasis: { disabled: true },
    data: row.map(({ value }) => value),
    lineStyle: { color: colour, width: 3, opacity: 0.35 },
  }
}

function points(row: readonly Dot[], colour: string, narrow: boolean): object {
  const paper = 'var(--paper)'
  return {
    type: 'scatter',
    silent: true,
    emphasis: { disabled: true },
    labelLayout: { hideOverlap: true },
    data: row.map(({ value, label, size, hollow }) => ({
      value,
      symbolSize: size,
      itemStyle: hollow
        ? { color: paper, borderColor: colour, borderWidth: 2 }
        : { color: colour, borderColor: paper, borderWidth: 1 },
      label: {
        show: !narrow || size === 15,
        position: 'top',
        distance: 7,
        color: COLOURS.ink,
        fontSize: 12,
        formatter: label,
      },
    })),
  }
}
