import { renameSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'

import { BallotstormError } from '../runtime/BallotstormError.ts'
import * as Spool from '../ballots/Spool.ts'
import * as Segment from '../schedule/Segment.ts'

/** Records taken from all segments at a time: 1.6 to 4.7 MB. */
const RECORDS_AT_ONCE = 16_384

/**
 * Joins the segments of a spool: the result is byte for byte what one call of `presign` makes.
 *
 * @param files - all segments, in any order.
 * @throws {Spool.DamagedError} where a segment is damaged.
 * @throws {SegmentsError} where they are no segments of one spool, or one is missing.
 */
export function join(
  files: readonly string[],
  options: {
    spoolFile: string
    onProgress?: ((done: number, total: number) => void) | undefined
  },
): Spool.Header {
  const headers = files.map((file) => ({ file, header: Spool.verify(file) }))
  const sorted = headers.toSorted((a, b) => a.header.segment.index - b.header.segment.index)
  assertComplete(sorted)
  const spools = sorted.map(({ file }) => Spool.open(file))
  try {
    return interleave(spools, options)
  } finally {
    spools.forEach((spool) => spool.close())
  }
}

/** Takes a record from each spool in turn. */
function interleave(
  spools: readonly Spool.Spool[],
  { spoolFile, onProgress }: Parameters<typeof join>[1],
): Spool.Header {
  const [first] = spools
  if (first === undefined) throw new SegmentsError('none was named')
  const { path, recordSizeBytes } = first.header
  const total = spools.reduce((sum, { header }) => sum + header.count, 0)
  const partFile = `${spoolFile}.part`
  const writer = Spool.create(partFile, { ...first.header, path, segment: Segment.WHOLE })
  const rounds = Math.ceil(RECORDS_AT_ONCE / spools.length)
  for (let round = 0; round < first.header.count; round += rounds) {
    const parts = spools.map((spool) => spool.read(round, rounds))
    const lengthBytes = parts.reduce((sum, { length }) => sum + length, 0)
    const joined = Buffer.alloc(lengthBytes)
    parts.forEach((part, index) => {
      for (let at = 0; at < part.length; at += recordSizeBytes) {
        part.copy(joined, at * spools.length + index * recordSizeBytes, at, at + recordSizeBytes)
      }
    })
    writer.append(joined)
    onProgress?.(Math.min(total, (round + rounds) * spools.length), total)
  }
  const header = writer.finish()
  renameSync(partFile, spoolFile)
  return header
}

type Named = { file: string; header: Spool.Header }

function assertComplete(sorted: readonly Named[]): void {
  const [first] = sorted
  if (first === undefined) throw new SegmentsError('none was named')
  const { of } = first.header.segment
  const total = sorted.reduce((sum, { header }) => sum + header.count, 0)
  const indices = sorted.map(({ header }) => header.segment.index)
  for (const { file, header } of sorted) {
    if (!isDeepStrictEqual(common(header), common(first.header))) {
      throw new SegmentsError(`${file} and ${first.file} are of different spools`)
    }
  }
  const missing = Array.from({ length: of }, (_, at) => at + 1).filter(
    (at) => !indices.includes(at),
  )
  if (missing.length > 0) throw new SegmentsError(`of ${of}, ${missing.join(', ')} is missing`)
  for (const { file, header } of sorted) {
    const expected = Segment.countOf(header.segment, total)
    if (header.count === expected && sorted.length === of) continue
    throw new SegmentsError(
      `${file} holds ${header.count} ballots, and as ${header.segment.index}/${of} of ${total} it should hold ${expected}; is one named twice?`,
    )
  }
}

/** What the headers of all segments have in common. */
function common(header: Spool.Header): Spool.Header {
  const segment = { ...header.segment, index: 1 }
  return { ...header, segment, count: 0, blocksSha256: '', sha256: '' }
}

/** The files that are to be joined are not all segments of one spool. */
export class SegmentsError extends BallotstormError {
  override readonly name = 'join.SegmentsError'
  readonly code = 'JOIN_SEGMENTS'
  readonly exitCode = 104
  readonly remedy = 'Name all segments of one spool, each once.'
  constructor(reason: string) {
    super(`These segments make no whole: ${reason}.`)
  }
}
