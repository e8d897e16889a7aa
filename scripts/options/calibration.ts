import { inGroup } from './Option.ts'
import { integer, listOf, path, text } from './values.ts'

/** How `population` counts a city. */
export const calibration = inGroup('Calibration', {
  seeds: listOf(
    { flag: '--seeds', help: 'each makes an electorate', default: '1,2,3', repeat: 'always' },
    text({}),
  ),
  ballotsMax: integer({
    flag: '--ballots',
    help: 'enumerated under a seed at most',
    // What a stratified sample must hold at least.
    bounds: { min: 1_000_000, max: 10_000_000_000 },
    default: '100000000',
  }),
  out: path({
    flag: '--out',
    help: 'where the page goes',
    placeholder: 'folder',
    default: 'out/population',
    repeat: 'never',
  }),
})
