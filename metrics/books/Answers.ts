import { closeSync, existsSync, openSync, readSync } from 'node:fs'

import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'

/**
 * Looks an attempt up again in the file of attempts, by a place of 4 bytes a ballot: places are
 * {@link STEP_BYTES} apart, so that the file may have 128 GB. A line that holds an attempt is longer
 * than a step.
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

/** The place of the line that begins at a byte of the file. */
export function placeOf(offsetBytes: number): number {
  const place = Math.floor(offsetBytes / STEP_BYTES) + 1
  return place <= PLACE_MAX ? place : NOWHERE
}

export function open(attemptsFile: string): Answers {
  let descriptor: number | undefined
  const bytes = Buffer.alloc(1 + STEP_BYTES + LINE_BYTES_MAX)
  return {
    find(ballot, place) {
      if (place === NOWHERE || !existsSync(attemptsFile)) return undefined
      descriptor ??= openSync(attemptsFile, 'r')
      // One byte more, so that what begins here begins a line, whatever the line before it says.
      const from = Math.max(0, (place - 1) * STEP_BYTES - 1)
      const size = readSync(descriptor, bytes, 0, bytes.length, from)
      const lines = bytes.toString('utf8', 0, size).split('\n')
      return lines
        .slice(from === 0 ? 0 : 1)
        .map(HistoryLine.parseAttempt)
        .find((attempt) => attempt?.ballot === ballot)
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor)
    },
  }
}
