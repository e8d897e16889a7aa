/** Compares the wall clock, which latencies are taken from, with one that cannot step. */
export type ClockWatch = {
  sample(): void
  /** Greatest difference between two steps of the clocks, in ms. */
  stepMsMax(): number
}

/** Tries to read both clocks without being interrupted in between. */
const TRIES = 3

/**
 * @param wallNow - Unix milliseconds.
 * @param monotonicNow - milliseconds since any moment.
 */
export function create(wallNow: () => number, monotonicNow: () => number): ClockWatch {
  let previous: number | undefined
  let stepMsMax = 0
  return {
    sample() {
      const offset = offsetMs(wallNow, monotonicNow)
      if (previous !== undefined) stepMsMax = Math.max(stepMsMax, Math.abs(offset - previous))
      previous = offset
    },
    stepMsMax: () => stepMsMax,
  }
}

/** Wall minus monotonic, from the try that took the least time. */
function offsetMs(wallNow: () => number, monotonicNow: () => number): number {
  let best = { widthMs: Number.POSITIVE_INFINITY, offset: 0 }
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const before = monotonicNow()
    const wall = wallNow()
    const after = monotonicNow()
    const widthMs = after - before
    if (widthMs < best.widthMs) best = { widthMs, offset: wall - (before + after) / 2 }
  }
  return best.offset
}
