import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

/** Follows a file that another process appends to. */
export type LineTail = {
  /** The whole lines written since the last call, at most {@link CHUNK_BYTES} of them. */
  read(): string[]
  /** The whole lines until the end of the file, a chunk at a time. */
  readAll(): Iterable<string>
  close(): void
}

/** Bounds what one call brings into memory; about 2,000 lines of a history. */
const CHUNK_BYTES = 1024 * 1024

/** Follows `file` from its beginning; it may not be there yet. */
export function open(file: string): LineTail {
  const decoder = new StringDecoder('utf8')
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let descriptor: number | undefined
  let position = 0
  let rest = ''
  const readChunk = (): { lines: string[]; isEnd: boolean } => {
    if (descriptor === undefined && !existsSync(file)) return { lines: [], isEnd: true }
    descriptor ??= openSync(file, 'r')
    const readBytes = readSync(descriptor, chunk, 0, CHUNK_BYTES, position)
    position += readBytes
    const lines = (rest + decoder.write(chunk.subarray(0, readBytes))).split('\n')
    rest = lines.pop() ?? ''
    return { lines, isEnd: readBytes === 0 }
  }
  return {
    read: () => readChunk().lines,
    *readAll() {
      for (let read = readChunk(); !read.isEnd; read = readChunk()) yield* read.lines
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}
