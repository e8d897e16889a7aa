import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'

import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'

/**
 * Looks an attempt up again in the files of attempts, by a place of 4 bytes a ballot: places are
 * {@link STEP_BYTES} apart, so that the files may have 128 GB together. A line that holds an attempt
 * is longer than a step.
 */
export type Answers = {
  /** The attempt with this ballot that begins at a place; `undefined` where there is none. */
  find(ballot: number, place: number): HistoryLine.Attempt | undefined
  close(): void
}

const STEP_BYTES = 32

/** No attempt. */
export const NOWHERE = 0

const PLACE_MAX = 2 ** 32 - 1

/** Seven numbers, and a body in which each character takes four bytes. */
const LINE_BYTES_MAX = 200 + HistoryLine.BODY_LENGTH_MAX * 4

/** Where each file begins among the places, in bytes: one behind the other, each at a step. */
export function basesOf(files: readonly string[]): number[] {
  let base = 0
  return files.map((file) => {
    const own = base
    const sizeBytes = existsSync(file) ? statSync(file).size : 0
    base += Math.ceil((sizeBytes + 1) / STEP_BYTES) * STEP_BYTES
    return own
  })
}

/** The place of the line that begins at a byte, that of its file's base added. */
export function placeOf(offsetBytes: number): number {
  const place = Math.floor(offsetBytes / STEP_BYTES) + 1
  return place <= PLACE_MAX ? place : NOWHERE
}

export function open(files: readonly string[]): Answers {
  const bases = basesOf(files)
  const descriptors = new Map<string, number>()
  const bytes = Buffer.alloc(1 + STEP_BYTES + LINE_BYTES_MAX)
  return {
    find(ballot, place) {
      const offsetBytes = (place - 1) * STEP_BYTES
      const index = bases.findLastIndex((base) => base <= offsetBytes)
      const file = files[index]
      if (place === NOWHERE || file === undefined || !existsSync(file)) return undefined
      const descriptor = descriptors.get(file) ?? openSync(file, 'r')
      descriptors.set(file, descriptor)
      // One byte more, so that what begins here begins a line, whatever the line before it says.
      const from = Math.max(0, offsetBytes - (bases[index] ?? 0) - 1)
      const size = readSync(descriptor, bytes, 0, bytes.length, from)
      const lines = bytes.toString('utf8', 0, size).split('\n')
      return lines
        .slice(from === 0 ? 0 : 1)
        .map(HistoryLine.parseAttempt)
        .find((attempt) => attempt?.ballot === ballot)
    },
    close() {
      for (const descriptor of descriptors.values()) closeSync(descriptor)
    },
  }
}
