import { COLOURS } from './Chart.ts'

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

/** Rows of bars, the first on top, each with its name beside it. */
export function rows(names: readonly string[]) {
  return {
    type: 'category',
    inverse: true,
    data: [...names],
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: COLOURS.ink, fontSize: 13, interval: 0 },
  } as const
}

/** About what a letter of such a name takes, in CSS px. */
const LETTER_PX = 7.6

/**
 * What the names take beside the bars, in CSS px. ECharts measures text without a font here and cuts
 * long names: the margin is by hand.
 */
export function namesPx(names: readonly string[]): number {
  const longest = names.reduce((most, { length }) => Math.max(most, length), 0)
  return Math.ceil(longest * LETTER_PX) + 12
}

/** Large numbers on an axis: `12k`, `1.5M`. */
export function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(value)
}
