import type { Part } from '../processes/Part.ts'

/** What is done to a part on purpose while ballots fly, and undone. */
export type Fault = {
  /** For help and report, after the part's name: `is paused`. */
  description: string
  /** Does it. @throws where the part cannot be reached. */
  inject(part: Part): Promise<void>
  /** Undoes it: afterwards the part serves as before. @throws where it does not come back. */
  heal(part: Part): Promise<void>
}
