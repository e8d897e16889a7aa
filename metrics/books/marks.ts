import { createHash } from 'node:crypto'

import type * as Observation from '../witness/Observation.ts'

/** Checks that the witness' file is whole: from its first mark to its last, and all that is between. */
export type Marks = {
  /** Takes each whole line, in order; `seen` is what it says, `undefined` where it says nothing. */
  enter(text: string, seen: Observation.Observation | undefined): void
  /** What is wrong with the file, as a sentence; `undefined` where nothing is. */
  problem(): string | undefined
}

export function create(): Marks {
  const digest = createHash('sha256')
  let count = 0
  let hasBegun = false
  let begunAgain = false
  let end: Observation.End | undefined
  let afterEnd = 0
  let isTrue = false
  return {
    enter(text, seen) {
      if (end !== undefined) afterEnd += 1
      if (seen?.kind === 'begin') begunAgain = count > 0
      if (count === 0) hasBegun = seen?.kind === 'begin'
      if (seen?.kind === 'end') {
        end = seen
        isTrue = seen.count === count && seen.sha256 === digest.copy().digest('hex')
      }
      digest.update(`${text}\n`)
      count += 1
    },
    problem() {
      if (count === 0) return 'it is empty'
      if (!hasBegun) return 'its beginning is missing'
      if (begunAgain) return 'the witness began twice'
      if (end === undefined) return 'its end is missing'
      if (afterEnd > 0) return 'something stands behind its end'
      return isTrue ? undefined : 'lines are missing or changed'
    },
  }
}
