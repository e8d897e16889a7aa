/** Bounds of what is sensible in one storm: the one place where they stand. */

/** From the first to the last. */
type Bounds = { min: number; max: number }

/** Four times the largest city; the wire formats hold 2^32. */
export const VOTERS: Bounds = { min: 1, max: 50_000_000 }

/** Of all segments. */
export const BALLOTS: Bounds = { min: 1, max: 1_000_000_000 }

export const POLLS: Bounds = { min: 1, max: 10_000 }

/** Ballots a second. */
export const RATE_PER_S: Bounds = { min: 0, max: 100_000 }

/** A day; a longer storm is several runs. */
export const DURATION_MS: Bounds = { min: 0, max: 24 * 3_600_000 }

/** A day in less than a second is no day. */
export const COMPRESS: Bounds = { min: 1, max: 100_000 }
