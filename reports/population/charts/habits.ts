import { COLOURS, LABELS_INSIDE, NARROW, WIDE, type Chart, type Size } from '../../charts/Chart.ts'
import { renderSvg } from '../../charts/renderSvg.ts'
import * as Format from '../../Format.ts'
import type { Detail } from '../Calibration.ts'
import { BASE_AXIS, short, VALUE_AXIS } from '../../charts/axes.ts'

type Bin = Detail['habit'][number]

/** Voters by how many votes they cast, beside what chance alone would make of the same mean. */
export function habits({ habit, polls }: Detail): Chart {
  return {
    id: 'habits',
    title: 'Voters by number of votes cast (bins double)',
    description:
      'Voters by the number of votes they cast in the polls enumerated, in bins that double, beside a Poisson distribution of the same mean.',
    legend: [
      { name: 'counted', colour: COLOURS.acknowledged },
      { name: 'were all voters alike (Poisson)', colour: COLOURS.offered },
    ],
    source: `Source: the enumerated ballots of ${Format.counted(polls.length, 'poll')}, first seed.`,
    wide: renderSvg('habits-wide', WIDE, option(habit, WIDE)),
    narrow: renderSvg('habits-narrow', NARROW, option(habit, NARROW)),
  }
}

function option(habit: readonly Bin[], size: Size): Parameters<typeof renderSvg>[2] {
  const bars = (color: string, value: (bin: Bin) => number): object => ({
    type: 'bar',
    silent: true,
    barGap: '8%',
    barCategoryGap: '26%',
    itemStyle: { color },
    data: habit.map((bin) => Math.round(value(bin))),
  })
  return {
    grid: { left: 4, right: 8, top: 14, bottom: 4, ...LABELS_INSIDE },
    xAxis: {
      ...BASE_AXIS,
      type: 'category',
      data: habit.map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`)),
      axisLabel: { color: COLOURS.muted, interval: size.width < 500 ? 2 : 0 },
    },
    yAxis: {
      ...VALUE_AXIS,
      type: 'value',
      splitNumber: 4,
      axisLabel: { color: COLOURS.muted, formatter: short },
    },
    series: [
      bars(COLOURS.acknowledged, ({ voters }) => voters),
      bars(COLOURS.offered, ({ poisson }) => poisson),
    ],
  }
}
