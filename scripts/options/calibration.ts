import { integer, listOf, path, text } from './formats.ts'
import { inGroup, option } from './Option.ts'

/** How `population` counts a city. */
export const calibration = inGroup('Calibration', {
  seeds: option(listOf(text), '--seeds', 'each makes an electorate', {
    default: '1,2,3',
    repeat: 'always',
  }),
  ballotsMax: option(integer, '--ballots', 'enumerated under a seed at most', {
    // What a stratified sample must hold at least.
    bounds: { min: 1_000_000, max: 10_000_000_000 },
    default: '100000000',
  }),
  out: option(path, '--out', 'where the page goes', {
    placeholder: 'folder',
    default: 'out/population',
    repeat: 'never',
  }),
})
