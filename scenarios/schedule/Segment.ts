import { Type, type Static } from 'typebox'

import { BallotstormError } from '../runtime/BallotstormError.ts'

/** Each segment is an open file while they are joined. */
export const SEGMENTS_MAX = 256

/**
 * One share of many, for one machine of several: every `of`-th ballot, beginning with number
 * `index` − 1. A machine that fires its share alone so fires a thinned copy of the whole storm,
 * and not the first hour of it.
 */
export const Schema = Type.Object(
  {
    /** 1 to `of`. */
    index: Type.Integer({ minimum: 1 }),
    of: Type.Integer({ minimum: 1, maximum: SEGMENTS_MAX }),
  },
  { additionalProperties: false },
)

export type Segment = Static<typeof Schema>

/** All ballots. */
export const WHOLE: Segment = { index: 1, of: 1 }

/**
 * The segment that a user wrote, for example `3/8`.
 *
 * @throws {MalformedError} says what a segment looks like.
 */
export function parse(text: string): Segment {
  const [, index, of] = /^(\d{1,3})\/(\d{1,3})$/.exec(text) ?? []
  const segment = { index: Number(index), of: Number(of) }
  if (!(segment.index >= 1 && segment.index <= segment.of && segment.of <= SEGMENTS_MAX)) {
    throw new MalformedError(text)
  }
  return segment
}

/** Ballots of a segment, out of `total`. */
export function countOf({ index, of }: Segment, total: number): number {
  return Math.max(0, Math.ceil((total - index + 1) / of))
}

/** The number of a segment's record among all ballots. */
export function ballotAt({ index, of }: Segment, record: number): number {
  return index - 1 + record * of
}

/** A share of the ballots is not written as one. */
export class MalformedError extends BallotstormError {
  override readonly name = 'Segment.MalformedError'
  readonly code = 'SEGMENT_MALFORMED'
  readonly exitCode = 104
  readonly remedy = 'Write for example 3/8 for the third of eight.'
  constructor(text: string) {
    super(`"${text}" is no segment, of which there are at most ${SEGMENTS_MAX}.`)
  }
}
