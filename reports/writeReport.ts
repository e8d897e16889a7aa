import { renameSync, writeFileSync } from 'node:fs'

import type { Run } from '../metrics/Run.ts'
import { charts } from './charts/charts.ts'
import { page } from './html/page.ts'
import * as Report from './Report.ts'

/**
 * Writes the report of a run as one self-contained HTML file, whole or not at all.
 *
 * @param file - is replaced where it exists; its folder must exist.
 * @throws the file system's error where the file cannot be written.
 */
export function writeReport({ run, file }: { run: Run; file: string }): void {
  const text = page(Report.from(run), charts(run))
  const unfinished = `${file}.unfinished`
  writeFileSync(unfinished, text)
  renameSync(unfinished, file)
}
