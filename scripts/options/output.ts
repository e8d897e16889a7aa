import { path, toggle } from './formats.ts'
import { inGroup, option } from './Option.ts'

/** What is left behind, and what is printed. */
export const output = inGroup('Output', {
  outFolder: option(path, '--out', 'where run folders go', {
    placeholder: 'folder',
    default: 'out/runs',
    repeat: 'never',
  }),
  keepData: option(toggle, '--keep-data', 'keep the data of nodes and database after the run'),
  json: option(toggle, '--json', 'print one JSON object on stdout in place of the summary', {
    repeat: 'never',
  }),
})
