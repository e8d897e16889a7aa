import { inGroup } from './Option.ts'
import { path, toggle } from './values.ts'

/** What is left behind, and what is printed. */
export const output = inGroup('Output', {
  outFolder: path({
    flag: '--out',
    help: 'where run folders go',
    placeholder: 'folder',
    default: 'out/runs',
    repeat: 'never',
  }),
  keepData: toggle({
    flag: '--keep-data',
    help: 'keep the data of nodes and database after the run',
  }),
  json: toggle({
    flag: '--json',
    help: 'print one JSON object on stdout in place of the summary',
    repeat: 'never',
  }),
})
