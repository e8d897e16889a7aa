/** Compares the wall clock, which latencies are taken from, with one that cannot step. */
export type ClockWatch = {
  sample(): void
  /** By how much the clocks came apart within {@link WINDOW_MS} at most, in ms: in one step or in many. */
  driftMsMax(): number
}

/** A minute: longer than nearly every latency that is taken from the wall clock. */
export const WINDOW_MS = 60_000

/** Tries to read both clocks without being interrupted in between. */
const TRIES = 3

/**
 * @param wallNow - Unix milliseconds.
 * @param monotonicNow - milliseconds since any moment.
 */
export function create(wallNow: () => number, monotonicNow: () => number): ClockWatch {
  const recent: { atMs: number; offset: number }[] = []
  let driftMsMax = 0
  return {
    sample() {
      const atMs = monotonicNow()
      const offset = offsetMs(wallNow, monotonicNow)
      while (recent[0] !== undefined && recent[0].atMs < atMs - WINDOW_MS) recent.shift()
      for (const earlier of recent) {
        driftMsMax = Math.max(driftMsMax, Math.abs(offset - earlier.offset))
      }
      recent.push({ atMs, offset })
    },
    driftMsMax: () => driftMsMax,
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
