import type { Comparison, Entry } from '../../metrics/Comparison.ts'
import { namesPx, rows, VALUE_AXIS } from '../charts/axes.ts'
import { COLOURS, NARROW, WIDE, type Chart, type Size } from '../charts/Chart.ts'
import { renderSvg } from '../charts/renderSvg.ts'
import { nameOf, perSecond, secondsOf } from './figures.ts'

/** Height of a row, and of what stands above and below the rows, in CSS px. */
const ROW_PX = 34
const MARGIN_PX = 44

/** What a figure takes at the end of its bar, in CSS px. */
const FIGURE_PX = 170

/** Capacity of each design as a bar; a lower bound is drawn lighter, since it goes on to the right. */
export function capacities({ entries }: Comparison): Chart {
  const height = entries.length * ROW_PX + MARGIN_PX
  return {
    id: 'capacities',
    title: 'Ballots a second under more than the design carries',
    description: entries
      .map(
        (entry) => `${nameOf(entry)}: ${perSecond(entry.capacity)} (${secondsOf(entry.capacity)})`,
      )
      .join('; '),
    legend: [
      { name: 'capacity', colour: COLOURS.final },
      { name: 'lower bound: never at its limit', colour: COLOURS.offered },
    ],
    source:
      'Source: final ballots over the longest minute and more in which the queue was never empty; of a lower bound over all seconds from the first ballot to the last final one.',
    wide: renderSvg('capacities-wide', { ...WIDE, height }, option(entries, WIDE)),
    narrow: renderSvg('capacities-narrow', { ...NARROW, height }, option(entries, NARROW)),
  }
}

function option(entries: readonly Entry[], size: Size): Parameters<typeof renderSvg>[2] {
  const names = entries.map(nameOf)
  return {
    grid: {
      left: namesPx(names),
      right: size.width < 500 ? 8 : FIGURE_PX,
      top: 8,
      bottom: 28,
    },
    xAxis: {
      ...VALUE_AXIS,
      type: 'value',
      min: 0,
      splitNumber: size.width < 500 ? 2 : 6,
      axisLabel: { color: COLOURS.muted },
    },
    yAxis: rows(names),
    series: [
      {
        type: 'bar',
        silent: true,
        barWidth: '58%',
        data: entries.map(({ capacity }) => ({
          value: capacity?.perS ?? 0,
          itemStyle: { color: capacity?.isSaturated === true ? COLOURS.final : COLOURS.offered },
        })),
        label: {
          show: size.width >= 500,
          position: 'right',
          distance: 10,
          color: COLOURS.ink,
          formatter: ({ dataIndex }: { dataIndex: number }) =>
            perSecond(entries[dataIndex]?.capacity ?? null),
        },
      },
    ],
  }
}
