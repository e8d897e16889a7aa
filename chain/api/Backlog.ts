import * as Ballots from '../database/Ballots.ts'
import * as Pool from '../database/Pool.ts'

/** The outbox at one instant, over all API processes and relayers. */
export type Reading = {
  /** Unix milliseconds. */
  readAtMs: number
  /** Ballots that are in no included batch yet. */
  ballots: number
  /** How long the oldest of them has waited; 0 where there is none. */
  oldestAgeMs: number
  /** Ballots a second whose batch became final in the last {@link WINDOW_S}. */
  finalPerS: number
}

/** The drain rate is measured over this many seconds: several blocks, and yet of today. */
export const WINDOW_S = 10

/**
 * Ballots a second that a relayer which keeps up is believed to manage. A relayer that has little to
 * do shows its load, not its capacity; this is half of what the slowest rig drained (200/s over four
 * validators on two shared cores).
 */
export const ASSUMED_DRAIN_PER_S = 100

/** A ballot that has waited this many blocks says: the relayer does not keep up. */
const KEEPING_UP_BLOCKS = 5

/** From the last batch of the backlog to its block: one in which it waits, one that takes it. */
const LAST_BLOCKS = 2

/** An older reading says nothing: the database has not answered since. */
const READING_AGE_MS_MAX = 3000

/** The time between two readings … */
const READ_INTERVAL_MS = 500
/** … is at least this many times what a reading took, so that counting never becomes the load. */
const READ_INTERVAL_SHARE = 10

/**
 * Ballots a second that may be counted upon: what was measured, or {@link ASSUMED_DRAIN_PER_S} if
 * that is more and the relayer keeps up.
 */
export function drainPerS(reading: Reading, blockTimeMs: number): number {
  const keepsUp = reading.oldestAgeMs <= KEEPING_UP_BLOCKS * blockTimeMs
  return keepsUp ? Math.max(reading.finalPerS, ASSUMED_DRAIN_PER_S) : reading.finalPerS
}

/**
 * When a ballot accepted now will be on the chain, in Unix milliseconds: after all that wait before
 * it, and two blocks. `Infinity` where nothing drains.
 */
export function reachesChainAtMs(reading: Reading, nowMs: number, blockTimeMs: number): number {
  const waitMs =
    reading.ballots === 0 ? 0 : (reading.ballots / drainPerS(reading, blockTimeMs)) * 1000
  return nowMs + waitMs + LAST_BLOCKS * blockTimeMs
}

/** Whether the reading is too old to be relied upon; also where there is none. */
export function isStale(reading: Reading | undefined, nowMs: number): boolean {
  return reading === undefined || nowMs - reading.readAtMs > READING_AGE_MS_MAX
}

/** Counts the outbox and what is under way. */
export async function read(pool: Pool.Pool, nowMs: number): Promise<Reading> {
  const waiting = await Ballots.countWaiting(pool, WINDOW_S)
  const { ballots, oldestAcceptedAtMs = nowMs, finalBallots } = waiting
  return {
    readAtMs: nowMs,
    ballots,
    oldestAgeMs: Math.max(0, nowMs - oldestAcceptedAtMs),
    finalPerS: finalBallots / WINDOW_S,
  }
}

/** Where nothing is carried on, nothing waits: asks only whether the database is there. */
export async function readNone(pool: Pool.Pool, nowMs: number): Promise<Reading> {
  await Pool.ping(pool)
  return { readAtMs: nowMs, ballots: 0, oldestAgeMs: 0, finalPerS: 0 }
}

/** The newest reading, kept up to date until stopped. */
export type Watch = {
  latest(): Reading | undefined
  stop(): void
}

/** Reads twice a second. The first reading is made before this resolves, if the database is there. */
export async function watch(
  readOnce: (nowMs: number) => Promise<Reading>,
  now: () => number,
): Promise<Watch> {
  let latest: Reading | undefined
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  async function readNext(): Promise<void> {
    const startMs = now()
    try {
      latest = await readOnce(startMs)
    } catch {
      // The reading grows stale, and then the API refuses: see isStale.
    }
    if (isStopped) return
    const pauseMs = Math.max(READ_INTERVAL_MS, READ_INTERVAL_SHARE * (now() - startMs))
    timer = setTimeout(() => void readNext(), Math.min(pauseMs, READING_AGE_MS_MAX / 2))
  }

  await readNext()
  return {
    latest: () => latest,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
