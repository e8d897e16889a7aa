import type { Run } from '../../metrics/Run.ts'
import type { Series } from '../../metrics/series/Series.ts'
import * as Format from '../Format.ts'
import { COLOURS, find, type Chart } from './Chart.ts'
import { overTime, type Line } from './overTime.ts'

/** Ballots a second: offered by the plan, acknowledged, included and final. */
export function throughput({ series, load }: Run): Chart | undefined {
  const included = find(series, 'ballots_included')
  const final = find(series, 'ballots_final')
  const together = included !== undefined && final !== undefined && areEqual(included, final)
  const lines = [
    line('offered', COLOURS.offered, find(series, 'ballots_offered')),
    line('acknowledged', COLOURS.acknowledged, find(series, 'ballots_acknowledged')),
    ...(together ? [] : [line('included', COLOURS.included, included)]),
    line(together ? 'included and at once final' : 'final', COLOURS.final, final),
  ].flat()
  return overTime({
    id: 'throughput',
    title: 'Ballots a second',
    description:
      'Ballots a second over the seconds since the storm began: what the plan offered, what was acknowledged to voters, and what became final.',
    lines,
    load,
    format: (value) => Format.number(value),
    merge: 'mean',
  })
}

function line(name: string, colour: string, series: Series | undefined): Line[] {
  if (series === undefined) return []
  return [{ name, colour, series, dashed: name === 'offered' }]
}

/** Where finality is instant the two lines are one, and two names on it would only confuse. */
function areEqual(a: Series, b: Series): boolean {
  const values = new Map(a.points)
  return (
    a.points.length === b.points.length &&
    b.points.every(([second, value]) => values.get(second) === value)
  )
}
