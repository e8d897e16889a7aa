import { closeSync, existsSync, openSync, readSync } from 'node:fs'

import type { RunFolder } from './RunFolder.ts'

/** What is known while the run goes on; for the person who waits, never for the books. */
export type Seen = {
  /** Attempts that got an answer or ran out of time. */
  answered: number
  /** Attempts that were accepted, as far as the status says. */
  accepted: number
  height: number
  /** Ballots in final blocks. */
  finalBallots: number
  /** Timestamp of the last final block, Unix seconds. */
  finalTimestamp: number
}

/** Follows history and observations as they grow, in constant memory. */
export type Follow = { seen: Seen; read(): void }

export function create(folder: Pick<RunFolder, 'attemptsFile' | 'observationsFile'>): Follow {
  const seen: Seen = { answered: 0, accepted: 0, height: 0, finalBallots: 0, finalTimestamp: 0 }
  /** Blocks that are not final yet, by hash. */
  const open = new Map<string, { number: number; timestamp: number; casts: number }>()
  const attempts = tail(folder.attemptsFile, (line) => {
    if (!line.startsWith('A ')) return
    seen.answered += 1
    if (ACCEPTED.test(line)) seen.accepted += 1
  })
  const observations = tail(folder.observationsFile, (line) => {
    const observation: unknown = JSON.parse(line)
    if (isBlock(observation)) {
      const { hash, number, timestamp, casts } = observation
      open.set(hash, { number, timestamp, casts: casts.length })
      seen.height = number
    } else if (isReorganisation(observation)) {
      for (const [hash, block] of open) if (block.number > observation.number) open.delete(hash)
    } else if (isFinal(observation)) {
      for (const [hash, block] of open) {
        if (block.number > observation.number) continue
        open.delete(hash)
        seen.finalBallots += block.casts
        seen.finalTimestamp = Math.max(seen.finalTimestamp, block.timestamp)
      }
    }
  })
  return {
    seen,
    read() {
      attempts()
      observations()
    },
  }
}

/** The seventh word is the status: 202 of the API, 200 of a node. */
const ACCEPTED = /^A(?: \S+){5} 20[02](?: |$)/

type BlockLine = {
  kind: 'block'
  hash: string
  number: number
  timestamp: number
  casts: unknown[]
}

function isBlock(value: unknown): value is BlockLine {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'block'
}

function isFinal(value: unknown): value is { kind: 'final'; number: number } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'final'
}

function isReorganisation(value: unknown): value is { kind: 'reorganisation'; number: number } {
  const isObject = typeof value === 'object' && value !== null && 'kind' in value
  return isObject && value.kind === 'reorganisation'
}

const CHUNK_BYTES = 1 << 20

/** Reads the whole lines that were added since the last call; a file that is not there yet has none. */
function tail(file: string, onLine: (line: string) => void): () => void {
  let position = 0
  let rest = Buffer.alloc(0)
  return () => {
    for (const chunk of chunks(file, position)) {
      position += chunk.length
      const bytes = Buffer.concat([rest, chunk])
      const end = bytes.lastIndexOf(10) + 1
      rest = Buffer.from(bytes.subarray(end))
      const lines = bytes.subarray(0, end).toString('utf8').split('\n')
      for (const line of lines) if (line !== '') onLine(line)
    }
  }
}

/**
 * The bytes of a file from a position to its end.
 *
 * @yields up to {@link CHUNK_BYTES}; the buffer is used again.
 */
function* chunks(file: string, from: number): Generator<Buffer> {
  if (!existsSync(file)) return
  const descriptor = openSync(file, 'r')
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    for (let position = from; ;) {
      const readBytes = readSync(descriptor, chunk, 0, CHUNK_BYTES, position)
      if (readBytes === 0) return
      position += readBytes
      yield chunk.subarray(0, readBytes)
    }
  } finally {
    closeSync(descriptor)
  }
}
