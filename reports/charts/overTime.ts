import type { Series } from '../../metrics/series/Series.ts'
import * as Format from '../Format.ts'
import { COLOURS, LABELS_INSIDE, NARROW, sourceOf, WIDE, type Chart, type Size } from './Chart.ts'
import { renderSvg } from './renderSvg.ts'
import { thinOut, type Merge } from './thinOut.ts'

/** One line of a chart over time. */
export type Line = {
  name: string
  colour: string
  series: Series
  dashed?: boolean | undefined
  /** Fills the area below, for the one line that is a quantity. */
  filled?: boolean | undefined
}

export type Options = {
  id: string
  title: string
  description: string
  lines: readonly Line[]
  /** The storm, and the drain behind it: the same span of time in every chart of a run. */
  load: { stormMs: number; drainMs: number }
  /** How a value of the vertical axis is written. */
  format: (value: number) => string
  /** Logarithmic where values lie so far apart that the least would be a flat line. @default 'linear' */
  scale?: 'linear' | 'log' | undefined
  /** How several points become one where there are more than the drawing can show. */
  merge: Merge
}

/** Points of one line; more would be closer together than a line is wide. */
const POINTS_MAX = 320

/** Draws series over the seconds since the storm began; undefined where there is none. */
export function overTime(options: Options): Chart | undefined {
  if (options.lines.length === 0) return undefined
  const { id, title, description, lines } = options
  const bucketS = bucketOf(lines)
  const thinned =
    bucketS === 1 ? '' : ` Each point stands for ${bucketS}\u202Fs (${options.merge}).`
  return {
    id,
    title,
    description,
    legend: lines.map(({ name, colour, dashed }) => ({ name, colour, dashed })),
    source: `${sourceOf(lines.map(({ series }) => series))}${thinned}`,
    wide: renderSvg(`${id}-wide`, WIDE, option(options, WIDE, bucketS)),
    narrow: renderSvg(`${id}-narrow`, NARROW, option(options, NARROW, bucketS)),
  }
}

function option(
  { lines, load, format, merge, scale = 'linear' }: Options,
  size: Size,
  bucketS: number,
): Parameters<typeof renderSvg>[2] {
  const [stormS, last] = [load.stormMs / 1000, (load.stormMs + load.drainMs) / 1000]
  const data = lines.map(({ series }) =>
    thinOut(series.points, bucketS, merge).filter(([second]) => second <= last),
  )
  const first = Math.min(0, ...data.flat().map(([second]) => second))
  const narrow = size.width < 500
  return {
    grid: { left: 4, right: 14, top: 24, bottom: 4, ...LABELS_INSIDE },
    xAxis: {
      type: 'value',
      min: first,
      max: last,
      ...timeTicks(last, narrow),
      axisLine: { lineStyle: { color: COLOURS.rule } },
      axisTick: { lineStyle: { color: COLOURS.rule } },
      splitLine: { show: false },
      axisLabel: {
        color: COLOURS.muted,
        hideOverlap: true,
        showMinLabel: first === 0,
        showMaxLabel: false,
        formatter: (value: number) => axisSeconds(value),
      },
    },
    yAxis: {
      ...(scale === 'log' ? decades(data) : { type: 'value', min: 0 }),
      splitNumber: narrow ? 3 : 4,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: COLOURS.rule } },
      axisLabel: { color: COLOURS.muted, formatter: format },
    },
    series: lines.map((line, index) => ({
      type: 'line',
      silent: true,
      emphasis: { disabled: true },
      showSymbol: isSparse(data[index] ?? []),
      symbol: 'circle',
      symbolSize: 5,
      data: data[index] ?? [],
      itemStyle: { color: line.colour },
      lineStyle: { color: line.colour, width: 2, type: line.dashed === true ? [5, 4] : 'solid' },
      ...(line.filled === true ? { areaStyle: { color: line.colour, opacity: 0.12 } } : {}),
      ...(index === 0 && last > stormS ? drain(stormS, last, narrow) : {}),
    })),
  }
}

/** A logarithmic axis from the decade below the least value; nothing on it can be zero. */
function decades(data: readonly (readonly (readonly [number, number | null])[])[]): object {
  const values = data.flat().flatMap(([, value]) => (value === null || value <= 0 ? [] : [value]))
  return { type: 'log', min: 10 ** Math.floor(Math.log10(Math.min(...values, 1000))) }
}

/** The time after the last planned ballot: figures in it are apart from the storm's. */
function drain(stormS: number, lastS: number, narrow: boolean): object {
  const wideEnough = (lastS - stormS) / lastS > (narrow ? 0.16 : 0.06)
  return {
    markArea: {
      silent: true,
      itemStyle: { color: COLOURS.muted, opacity: 0.1 },
      label: {
        show: wideEnough,
        position: 'top',
        distance: 4,
        color: COLOURS.muted,
        fontSize: 11,
      },
      data: [[{ name: 'drain', xAxis: stormS }, { xAxis: lastS }]],
    },
  }
}

function isSparse(points: readonly (readonly [number, number | null])[]): boolean {
  return points.filter(([, value]) => value !== null).length < 12
}

function bucketOf(lines: readonly Line[]): number {
  const seconds = lines.flatMap(({ series }) => series.points.map(([second]) => second))
  const spanS = seconds.reduce((most, second) => Math.max(most, second), 0)
  return Math.max(1, Math.ceil(spanS / POINTS_MAX))
}

const TICKS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400]

function timeTicks(lastS: number, narrow: boolean): { interval: number } {
  const count = narrow ? 5 : 12
  return { interval: TICKS_S.find((tick) => lastS / tick <= count) ?? 28_800 }
}

function axisSeconds(seconds: number): string {
  if (Math.abs(seconds) < 120) return `${Format.number(seconds)} s`
  if (seconds % 3600 === 0) return `${seconds / 3600} h`
  return `${Format.number(seconds / 60)} min`
}
