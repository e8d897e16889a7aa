import { renameSync, writeFileSync } from 'node:fs'

import type { Comparison } from '../../metrics/Comparison.ts'
import { page } from './page.ts'

/**
 * Writes the page of a comparison as one self-contained HTML file, whole or not at all.
 *
 * @param file - is replaced where it exists; its folder must exist.
 * @throws the file system's error where the file cannot be written.
 */
export function writeComparison(comparison: Comparison, file: string): void {
  const unfinished = `${file}.unfinished`
  writeFileSync(unfinished, page(comparison))
  renameSync(unfinished, file)
}
