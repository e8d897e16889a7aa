import { closeSync, openSync, writeSync } from 'node:fs'

import * as HistoryLine from './HistoryLine.ts'

/** A file of the history as Node writes it: whole lines, and at the end how many there are. */
export type HistoryFile = {
  /** Returns once the line is written. */
  write(line: string): void
  close(): void
}

/** Appends to `file`; makes it where it is missing. */
export function open(file: string): HistoryFile {
  const descriptor = openSync(file, 'a')
  let count = 0
  return {
    write(line) {
      writeSync(descriptor, `${line}\n`)
      count += 1
    },
    close() {
      writeSync(descriptor, `${HistoryLine.formatEnd(count)}\n`)
      closeSync(descriptor)
    },
  }
}
