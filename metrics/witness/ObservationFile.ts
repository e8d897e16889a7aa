import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'

import type { Observation } from './Observation.ts'

/**
 * What the witness saw, as a file of whole lines between two marks: the first says from where on it
 * was read, the last how many lines there are, and their digest. So a file that was cut, at either
 * end or in between, is not taken for a chain without ballots.
 */
export type ObservationFile = {
  /** Returns once the line is written. */
  record: (observation: Observation) => void
  /** Writes the end mark. */
  close: () => void
}

/** @param fromBlock - the first block that is read. */
export function open(file: string, fromBlock: number): ObservationFile {
  const descriptor = openSync(file, 'a')
  const digest = createHash('sha256')
  let count = 0
  const record = (observation: Observation): void => {
    const line = `${JSON.stringify(observation)}\n`
    writeSync(descriptor, line)
    digest.update(line)
    count += 1
  }
  record({ kind: 'begin', fromBlock })
  return {
    record,
    close() {
      record({ kind: 'end', count, sha256: digest.copy().digest('hex') })
      fsyncSync(descriptor)
      closeSync(descriptor)
    },
  }
}
