import type { Run } from '../../metrics/Run.ts'
import type { Series } from '../../metrics/series/Series.ts'
import * as Format from '../Format.ts'
import { COLOURS, find, type Chart } from './Chart.ts'
import { overTime } from './overTime.ts'

/** Ballots that voters believe in and that are not final yet: what an outage would put at risk. */
export function backlog({ series, load }: Run): Chart | undefined {
  const waiting = waitingBallots(series)
  if (waiting === undefined) return undefined
  return overTime({
    id: 'backlog',
    title: 'Acknowledged and not yet final',
    description:
      'The number of ballots that were acknowledged to voters and not yet final, over the seconds since the storm began.',
    lines: [{ name: 'ballots waiting', colour: COLOURS.included, series: waiting, filled: true }],
    load,
    format: Format.number,
    merge: 'greatest',
  })
}

/**
 * Acknowledged less final ballots, added up from the harness's own series: only these count every
 * ballot in the second of its instant.
 */
export function waitingBallots(series: readonly Series[]): Series | undefined {
  const own = series.filter(({ source }) => source === 'harness')
  const acknowledged = find(own, 'ballots_acknowledged')
  const final = find(own, 'ballots_final')
  if (acknowledged === undefined || final === undefined) return undefined
  const finalAt = new Map(final.points)
  let waiting = 0
  return {
    name: 'ballots_waiting',
    unit: 'ballots',
    source: 'harness',
    points: acknowledged.points.map(([second, count]) => {
      waiting += (count ?? 0) - (finalAt.get(second) ?? 0)
      // A transaction may be final before the answer of its node has come.
      return [second, Math.max(0, waiting)]
    }),
  }
}
