import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

import { BallotstormError } from '../runtime/BallotstormError.ts'

/**
 * The file of instants: one float64 LE a ballot, ms after the storm's start, ascending. Read by
 * position, so that any number takes no memory.
 */
export type Instants = {
  count: number
  /** Instants `first` … `first + count − 1` (fewer at the end of the file). */
  read(first: number, count: number): Float64Array
  close(): void
}

const SIZE_BYTES = 8

/** Instants written or hashed at a time. */
const CHUNK = 8192

/**
 * Writes the instants as they come.
 *
 * @returns their number and the file's SHA-256 (hex).
 */
export function write(file: string, instants: Iterable<number>): { count: number; sha256: string } {
  const descriptor = openSync(file, 'w')
  const hash = createHash('sha256')
  const chunk = Buffer.alloc(CHUNK * SIZE_BYTES)
  let count = 0
  let filled = 0
  const flush = (): void => {
    hash.update(chunk.subarray(0, filled))
    writeSync(descriptor, chunk, 0, filled)
    filled = 0
  }
  try {
    for (const instant of instants) {
      chunk.writeDoubleLE(instant, filled)
      filled += SIZE_BYTES
      count += 1
      if (filled === chunk.length) flush()
    }
    flush()
  } finally {
    closeSync(descriptor)
  }
  return { count, sha256: hash.digest('hex') }
}

/**
 * Opens a file of instants.
 *
 * @throws {MalformedError} where its size is no whole number of instants.
 */
export function open(file: string): Instants {
  const descriptor = openSync(file, 'r')
  const sizeBytes = fstatSync(descriptor).size
  if (sizeBytes % SIZE_BYTES !== 0) {
    closeSync(descriptor)
    throw new MalformedError(file, sizeBytes)
  }
  const count = sizeBytes / SIZE_BYTES
  return {
    count,
    read(first, wanted) {
      const bytes = Buffer.alloc(Math.max(0, Math.min(wanted, count - first)) * SIZE_BYTES)
      readSync(descriptor, bytes, 0, bytes.length, first * SIZE_BYTES)
      return Float64Array.from({ length: bytes.length / SIZE_BYTES }, (_, index) =>
        bytes.readDoubleLE(index * SIZE_BYTES),
      )
    },
    close: () => closeSync(descriptor),
  }
}

/** SHA-256 (hex) of a file of instants. */
export function digest(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const hash = createHash('sha256')
    const chunk = Buffer.alloc(CHUNK * SIZE_BYTES)
    for (;;) {
      const readBytes = readSync(descriptor, chunk, 0, chunk.length, null)
      if (readBytes === 0) return hash.digest('hex')
      hash.update(chunk.subarray(0, readBytes))
    }
  } finally {
    closeSync(descriptor)
  }
}

/** The length of a file of instants is no whole number of them. */
export class MalformedError extends BallotstormError {
  override readonly name = 'Instants.MalformedError'
  readonly code = 'INSTANTS_MALFORMED'
  readonly exitCode = 104
  readonly remedy = 'Make the plan anew.'
  constructor(file: string, sizeBytes: number) {
    super(
      `The file of instants ${file} has ${sizeBytes} bytes, no whole number of ${SIZE_BYTES}-byte instants.`,
    )
  }
}
