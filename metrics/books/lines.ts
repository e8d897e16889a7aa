import { open } from 'node:fs/promises'

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

const CHUNK_BYTES = 1024 * 1024

/** A block of 100,000 ballots is a line of 3 MB; what is far longer is no line of ours. */
const LINE_BYTES_MAX = 256 * 1024 * 1024

const NEWLINE = 0x0a

/**
 * The lines of a file, some at a time, so that a file of any size takes the memory of a chunk and
 * its longest line. A file that does not exist has none.
 *
 * @yields the lines that one read of the file brought.
 * @throws {LineTooLongError}
 */
export async function* lines(file: string): AsyncGenerator<Line[]> {
  const handle = await open(file, 'r').catch(ignoreMissing)
  if (handle === undefined) return
  try {
    let rest: Buffer = Buffer.alloc(0)
    let offsetBytes = 0
    let number = 0
    const cut = (buffer: Buffer, start: number, end: number): Line => {
      number += 1
      const text = buffer.toString('utf8', start, end)
      const line = { text, number, offsetBytes: offsetBytes + start, sizeBytes: end - start }
      return { ...line, isWhole: true }
    }
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES)
      if (bytesRead === 0) break
      const buffer = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
      const found: Line[] = []
      let start = 0
      // The rest of before holds no line end.
      let end = buffer.indexOf(NEWLINE, rest.length)
      for (; end !== -1; start = end + 1, end = buffer.indexOf(NEWLINE, start)) {
        found.push(cut(buffer, start, end))
      }
      rest = buffer.subarray(start)
      if (rest.length > LINE_BYTES_MAX) throw new LineTooLongError(file, number + 1)
      yield found
      offsetBytes += start
    }
    if (rest.length > 0) yield [{ ...cut(rest, 0, rest.length), isWhole: false }]
  } finally {
    await handle.close()
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

export class LineTooLongError extends Error {
  override readonly name = 'lines.LineTooLongError'
  readonly code = 'LINE_TOO_LONG'
  constructor(file: string, number: number) {
    super(`Line ${number} of ${file} is longer than ${LINE_BYTES_MAX} bytes: the file is damaged.`)
  }
}
