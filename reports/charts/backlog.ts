import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'
import { COLOURS, find, type Chart } from './Chart.ts'
import { overTime } from './overTime.ts'

/** Ballots that voters believe in and that are not final yet: what an outage would put at risk. */
export function backlog({ series, load }: Run): Chart | undefined {
  const waiting = find(series, 'ballots_waiting')
  if (waiting === undefined) return undefined
  return overTime({
    id: 'backlog',
    title: 'Acknowledged and not yet final',
    description:
      'The number of ballots that were acknowledged to voters and not yet final, over the seconds since the storm began.',
    lines: [{ name: 'ballots waiting', colour: COLOURS.included, series: waiting, filled: true }],
    stormS: load.stormMs / 1000,
    format: (value) => Format.number(value),
    merge: 'greatest',
  })
}
