import { COLOURS } from '../../charts/Chart.ts'

/** An axis of numbers in the page's colours. */
export const VALUE_AXIS = {
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: COLOURS.rule } },
} as const

/** An axis along the bottom: a line with ticks, without a grid. */
export const BASE_AXIS = {
  axisLine: { lineStyle: { color: COLOURS.rule } },
  axisTick: { lineStyle: { color: COLOURS.rule } },
  splitLine: { show: false },
} as const

/** Large numbers on an axis: `12k`, `1.5M`. */
export function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(value)
}
