import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Run } from '../metrics/Run.ts'
import { charts } from './charts/charts.ts'
import { page } from './html/page.ts'
import * as Report from './Report.ts'

/** What is made of a record, by the name of its file in the run folder. Another form is a line here. */
const OUTPUTS: Readonly<Record<string, (run: Run) => string>> = {
  'report.html': (run) => page(Report.from(run), charts(run)),
}

/**
 * Writes all that is made of a run's record beside it, each file whole or not at all.
 *
 * @param folder - must exist; what it holds of earlier is replaced.
 * @throws the file system's error where a file cannot be written.
 */
export function writeOutputs(run: Run, folder: string): void {
  for (const [name, textOf] of Object.entries(OUTPUTS)) {
    const file = join(folder, name)
    writeFileSync(`${file}.unfinished`, textOf(run))
    renameSync(`${file}.unfinished`, file)
  }
}
