import { closeSync, existsSync, openSync, readSync } from 'node:fs'

const CHUNK_BYTES = 1 << 20

/** A file that grows line by line. */
export type Growing = {
  /** Hands over the whole lines that were added; of a file that is not there yet none. */
  read(): void
  close(): void
}

/** Follows a file from its beginning. */
export function readFrom(file: string, onLine: (line: string) => void): Growing {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let descriptor: number | undefined
  let position = 0
  let rest = ''
  return {
    read() {
      if (descriptor === undefined && !existsSync(file)) return
      descriptor ??= openSync(file, 'r')
      for (;;) {
        const readBytes = readSync(descriptor, chunk, 0, CHUNK_BYTES, position)
        if (readBytes === 0) return
        position += readBytes
        // The witness writes ASCII, so that no character is torn between two chunks.
        const lines = (rest + chunk.toString('latin1', 0, readBytes)).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (line !== '') onLine(line)
      }
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor)
    },
  }
}
