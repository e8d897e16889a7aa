import { open } from 'node:fs/promises'

import { BallotstormError } from './BallotstormError.ts'

/** One line of a file, without its end. */
export type Line = {
  text: string
  /** 1 and up. */
  number: number
  /** Where it begins in the file. */
  offsetBytes: number
  sizeBytes: number
  /** Whether its end was written too; only the last line of a file can be torn. */
  isWhole: boolean
}

/** Some lines of a file as they stand there, each with its end. */
export type Chunk = {
  bytes: Buffer<ArrayBuffer>
  offsetBytes: number
  /** False for what follows the last line end: one torn line, which ends a file. */
  isWhole: boolean
}

/** A part of a file, from the beginning of a line to the end of another. */
export type Range = { startBytes: number; endBytes: number }

const CHUNK_BYTES = 1024 * 1024

/** A block of 100,000 ballots is a line of 3 MB; what is far longer is no line of ours. */
const LINE_BYTES_MAX = 256 * 1024 * 1024

export const NEWLINE = 0x0a

/**
 * The lines of a file, some at a time, so that a file of any size takes the memory of a chunk and
 * its longest line. A file that does not exist has none.
 *
 * @yields the lines of one chunk.
 * @throws {LineTooLongError}
 */
export async function* lines(file: string, range?: Range): AsyncGenerator<Line[]> {
  let number = 0
  for await (const { bytes, offsetBytes, isWhole } of chunks(file, range)) {
    const found: Line[] = []
    for (let start = 0; start < bytes.length;) {
      const end = isWhole ? bytes.indexOf(NEWLINE, start) : bytes.length
      number += 1
      const text = bytes.toString('utf8', start, end)
      const place = { offsetBytes: offsetBytes + start, sizeBytes: end - start }
      found.push({ text, number, ...place, isWhole })
      start = end + 1
    }
    yield found
  }
}

/**
 * A file in pieces of about a megabyte that end with a line, or of one line that is longer.
 *
 * @yields in the order of the file; a torn last line comes by itself.
 * @throws {LineTooLongError}
 */
export async function* chunks(
  file: string,
  { startBytes, endBytes }: Range = { startBytes: 0, endBytes: Infinity },
): AsyncGenerator<Chunk> {
  const handle = await open(file, 'r').catch(ignoreMissing)
  if (handle === undefined) return
  try {
    // What was read of a line whose end is still to come.
    let begun: Buffer[] = []
    let begunBytes = 0
    let offsetBytes = startBytes
    let position = startBytes
    const buffer = Buffer.alloc(CHUNK_BYTES)
    for (;;) {
      const lengthBytes = Math.min(CHUNK_BYTES, endBytes - position)
      if (lengthBytes <= 0) break
      const { bytesRead } = await handle.read(buffer, 0, lengthBytes, position)
      if (bytesRead === 0) break
      position += bytesRead
      const fresh = buffer.subarray(0, bytesRead)
      const end = fresh.lastIndexOf(NEWLINE) + 1
      if (end > 0) {
        const bytes = Buffer.concat([...begun, fresh.subarray(0, end)])
        // Whoever takes the bytes may hand them to a thread, and then they have no length.
        const sizeBytes = bytes.length
        yield { bytes, offsetBytes, isWhole: true }
        offsetBytes += sizeBytes
        begun = []
        begunBytes = 0
      }
      begun.push(Buffer.from(fresh.subarray(end)))
      begunBytes += bytesRead - end
      if (begunBytes > LINE_BYTES_MAX) throw new LineTooLongError(file, offsetBytes)
    }
    if (begunBytes > 0) yield { bytes: Buffer.concat(begun), offsetBytes, isWhole: false }
  } finally {
    await handle.close()
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

/** A file of lines has one that is longer than any that is written. */
export class LineTooLongError extends BallotstormError {
  override readonly name = 'lines.LineTooLongError'
  readonly code = 'LINE_TOO_LONG'
  readonly exitCode = 107
  readonly remedy = 'Make the file anew: repeat the run that wrote it.'
  constructor(file: string, offsetBytes: number) {
    super(
      `The line at byte ${offsetBytes} of ${file} is longer than ${LINE_BYTES_MAX} bytes: the file is damaged.`,
    )
  }
}
