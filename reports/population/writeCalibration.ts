import { renameSync, writeFileSync } from 'node:fs'

import type { Calibration } from './Calibration.ts'
import { page } from './page.ts'

/**
 * Writes the page of a calibration as one self-contained HTML file, whole or not at all.
 *
 * @param file - is replaced where it exists; its folder must exist.
 * @param command - how the page is made again.
 * @throws the file system's error where the file cannot be written.
 */
export function writeCalibration(calibration: Calibration, file: string, command: string): void {
  const unfinished = `${file}.unfinished`
  writeFileSync(unfinished, page(calibration, command))
  renameSync(unfinished, file)
}
