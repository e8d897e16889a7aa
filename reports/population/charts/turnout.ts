import { COLOURS, NARROW, WIDE, type Chart, type Size } from '../../charts/Chart.ts'
import { renderSvg } from '../../charts/renderSvg.ts'
import type { Detail } from '../Calibration.ts'
import { namesPx, rows, VALUE_AXIS } from '../../charts/axes.ts'

/** Height of a district's row, and of what stands above and below the rows, in CSS px. */
const ROW_PX = 26
const MARGIN_PX = 44

/** Rows drawn; a city with more districts shows those with the most voters. */
const DISTRICT_COUNT_MAX = 40

/** Letters of a district's name that fit beside the bars of a narrow drawing. */
const LETTERS_NARROW = 15
const LETTERS_WIDE = 26

type District = Detail['districts'][number]

/** Turnout of each district in the popular polls. */
export function turnout({ districts }: Detail): Chart {
  const shown = districts
    .toSorted((one, other) => other.voters - one.voters)
    .slice(0, DISTRICT_COUNT_MAX)
    .toSorted((one, other) => other.counted - one.counted)
  const height = shown.length * ROW_PX + MARGIN_PX
  return {
    id: 'turnout',
    title: 'Turnout by district in the popular polls',
    description:
      'For each district the share of its registered voters that took part in a popular poll, counted, and a ring where the model puts it.',
    legend: [
      { name: 'counted', colour: COLOURS.acknowledged },
      { name: 'by the model (ring)', colour: COLOURS.included },
    ],
    source:
      'Source: the enumerated ballots of the popular polls, first seed, over the registered voters of the district.',
    wide: renderSvg('turnout-wide', { ...WIDE, height }, option(shown, WIDE)),
    narrow: renderSvg('turnout-narrow', { ...NARROW, height }, option(shown, NARROW)),
  }
}

function option(districts: readonly District[], size: Size): Parameters<typeof renderSvg>[2] {
  const lettersMax = size.width < 500 ? LETTERS_NARROW : LETTERS_WIDE
  const names = districts.map(({ name }) => cut(name, lettersMax))
  const greatest = Math.max(
    ...districts.map(({ counted, expected }) => Math.max(counted, expected)),
  )
  return {
    grid: { left: namesPx(names), right: 56, top: 8, bottom: 28 },
    xAxis: {
      ...VALUE_AXIS,
      type: 'value',
      min: 0,
      max: Math.ceil(greatest * 50) / 50,
      splitNumber: size.width < 500 ? 3 : 6,
      axisLabel: { color: COLOURS.muted, formatter: (share: number) => percent(share) },
    },
    yAxis: rows(names),
    series: [
      {
        type: 'bar',
        silent: true,
        barWidth: '58%',
        itemStyle: { color: COLOURS.acknowledged },
        data: districts.map(({ counted }) => counted),
        label: {
          show: true,
          position: 'right',
          distance: 10,
          color: COLOURS.ink,
          formatter: ({ value }: { value: number }) => percent(value, 1),
        },
      },
      {
        type: 'scatter',
        silent: true,
        symbolSize: 9,
        itemStyle: { color: 'var(--paper)', borderColor: COLOURS.included, borderWidth: 2 },
        data: districts.map(({ expected }, row) => [expected, row]),
      },
    ],
  }
}

function percent(share: number, digits = 0): string {
  return `${(share * 100).toFixed(digits)}\u202F%`
}

function cut(name: string, lettersMax: number): string {
  return name.length > lettersMax ? `${name.slice(0, lettersMax - 1)}…` : name
}
