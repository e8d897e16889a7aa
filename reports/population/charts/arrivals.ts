import { COLOURS, LABELS_INSIDE, NARROW, WIDE, type Chart, type Size } from '../../charts/Chart.ts'
import { renderSvg } from '../../charts/renderSvg.ts'
import * as Format from '../../Format.ts'
import type { Detail } from '../Calibration.ts'
import { BASE_AXIS, VALUE_AXIS } from '../../charts/axes.ts'

const MINUTES_PER_HOUR = 60

/** Ballots of each minute of the most popular poll's day, over the curve of the model. */
export function arrivals({ day }: Detail): Chart {
  return {
    id: 'arrivals',
    title: 'Ballots a minute on the day of the most popular poll',
    description:
      'Ballots counted in each minute of the day, and the curve of the city model, over the time of day.',
    legend: [
      { name: `counted (${Format.counted(day.ballots, 'ballot')})`, colour: COLOURS.acknowledged },
      { name: 'curve of the model', colour: COLOURS.included },
    ],
    source: 'Source: the enumerated instants of the first seed, by minute of the city’s own clock.',
    wide: renderSvg('arrivals-wide', WIDE, option(day, WIDE)),
    narrow: renderSvg('arrivals-narrow', NARROW, option(day, NARROW)),
  }
}

function option(day: Detail['day'], size: Size): Parameters<typeof renderSvg>[2] {
  const opensAtMinute = day.opensAtMs / 60_000
  const points = (values: readonly number[]): [number, number][] =>
    values.map((value, minute) => [opensAtMinute + minute, Math.round(value * 10) / 10])
  const lastMinute = opensAtMinute + day.counted.length
  const interval = (size.width < 500 ? 4 : 2) * MINUTES_PER_HOUR
  return {
    grid: { left: 4, right: 18, top: 14, bottom: 4, ...LABELS_INSIDE },
    xAxis: {
      ...BASE_AXIS,
      type: 'value',
      min: opensAtMinute,
      max: lastMinute,
      interval,
      axisLabel: {
        color: COLOURS.muted,
        showMaxLabel: day.counted.length % interval === 0,
        hideOverlap: true,
        formatter: clock,
      },
    },
    yAxis: {
      ...VALUE_AXIS,
      type: 'value',
      min: 0,
      splitNumber: 4,
      axisLabel: { color: COLOURS.muted, formatter: Format.count },
    },
    series: [
      line(points(day.counted), { color: COLOURS.acknowledged, width: 1 }, 0.12),
      line(points(day.expected), { color: COLOURS.included, width: 2 }, 0),
    ],
  }
}

function line(
  data: [number, number][],
  lineStyle: { color: string; width: number },
  opacity: number,
): object {
  const area = opacity === 0 ? {} : { areaStyle: { color: lineStyle.color, opacity } }
  return { type: 'line', silent: true, showSymbol: false, data, lineStyle, ...area }
}

function clock(minute: number): string {
  const whole = Math.round(minute)
  const hours = String(Math.floor(whole / MINUTES_PER_HOUR)).padStart(2, '0')
  return `${hours}:${String(whole % MINUTES_PER_HOUR).padStart(2, '0')}`
}
