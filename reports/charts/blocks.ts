import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'
import { COLOURS, find, type Chart } from './Chart.ts'
import { overTime } from './overTime.ts'

/** How full blocks were. */
export function blocks({ series, load }: Run): Chart | undefined {
  const shown = find(series, 'block_ballots')
  if (shown === undefined) return undefined
  return overTime({
    id: 'blocks',
    title: 'Ballots in each block',
    description: 'The ballots in each block, over the seconds since the storm began.',
    lines: [{ name: 'ballots in a block', colour: COLOURS.final, series: shown, filled: true }],
    load,
    format: (value) => Format.number(value),
    merge: 'greatest',
  })
}
