import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'
import { COLOURS, find, type Chart } from './Chart.ts'
import { overTime } from './overTime.ts'

/** How full blocks were: ballots in each, or else its gas. */
export function blocks({ series, load }: Run): Chart | undefined {
  const ballots = find(series, 'block_ballots')
  const shown = ballots ?? find(series, 'block_gas')
  if (shown === undefined) return undefined
  const unit = ballots === undefined ? 'gas' : 'ballots'
  return overTime({
    id: 'blocks',
    title: ballots === undefined ? 'Gas in each block' : 'Ballots in each block',
    description: `The ${unit} in each block, over the seconds since the storm began.`,
    lines: [{ name: `${unit} in a block`, colour: COLOURS.final, series: shown, filled: true }],
    load,
    format: (value) => (unit === 'gas' ? `${Format.number(value / 1e6)} M` : Format.number(value)),
    merge: 'greatest',
  })
}
