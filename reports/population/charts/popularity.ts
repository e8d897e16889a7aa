import { COLOURS, LABELS_INSIDE, NARROW, WIDE, type Chart, type Size } from '../../charts/Chart.ts'
import { renderSvg } from '../../charts/renderSvg.ts'
import * as Format from '../../Format.ts'
import type { Detail } from '../Calibration.ts'
import { BASE_AXIS, short, VALUE_AXIS } from '../../charts/axes.ts'

/** Dots drawn for each decade of ranks; more would lie on each other. */
const DOTS_PER_DECADE = 60

type Poll = Detail['polls'][number]

/** Participants of the polls by rank of popularity, both axes logarithmic. */
export function popularity({ polls }: Detail): Chart {
  const popularCount = polls.filter(({ isPopular }) => isPopular).length
  return {
    id: 'popularity',
    title: 'Participants a poll, by rank (both axes logarithmic)',
    description:
      'Participants of each poll over its rank of popularity, both on logarithmic axes: a few popular polls, and many small ones.',
    legend: [
      { name: Format.counted(popularCount, 'popular poll'), colour: COLOURS.included },
      { name: 'the others', colour: COLOURS.acknowledged },
    ],
    source: `Source: the enumerated ballots of ${Format.counted(polls.length, 'poll')}, first seed; among the many small ones only some dots are drawn.`,
    wide: renderSvg('popularity-wide', WIDE, option(polls, WIDE)),
    narrow: renderSvg('popularity-narrow', NARROW, option(polls, NARROW)),
  }
}

function option(polls: readonly Poll[], size: Size): Parameters<typeof renderSvg>[2] {
  const drawn = thin(polls.filter(({ participants }) => participants > 0))
  const participants = drawn.map((poll) => poll.participants)
  const dots = (isPopular: boolean, color: string): object => ({
    type: 'scatter',
    silent: true,
    symbolSize: size.width < 500 ? 4 : 5,
    itemStyle: { color },
    data: drawn
      .filter((poll) => poll.isPopular === isPopular)
      .map((poll) => [poll.rank, poll.participants]),
  })
  const label = { color: COLOURS.muted, formatter: short }
  return {
    grid: { left: 4, right: 24, top: 14, bottom: 4, ...LABELS_INSIDE },
    xAxis: {
      ...BASE_AXIS,
      type: 'log',
      min: 1,
      max: Math.max(10, ...drawn.map(({ rank }) => rank)),
      axisLabel: { ...label, showMaxLabel: false },
    },
    yAxis: {
      ...VALUE_AXIS,
      type: 'log',
      min: 10 ** Math.floor(Math.log10(Math.min(...participants))),
      max: 10 ** Math.ceil(Math.log10(Math.max(...participants))),
      axisLabel: label,
    },
    series: [dots(true, COLOURS.included), dots(false, COLOURS.acknowledged)],
  }
}

/** The first poll of each step on the logarithmic axis, and the last one of all. */
function thin(polls: readonly Poll[]): Poll[] {
  const step = ({ rank }: Poll): number => Math.floor(Math.log10(rank) * DOTS_PER_DECADE)
  return polls.filter((poll, index) => {
    const before = polls[index - 1]
    return before === undefined || index === polls.length - 1 || step(before) !== step(poll)
  })
}
