import { setTimeout as sleep } from 'node:timers/promises'

import { DatabaseError, type PoolClient } from 'pg'

import * as Ballots from '../database/Ballots.ts'
import type * as Pool from '../database/Pool.ts'

/** What became of a ballot. Only `durable` may be acknowledged. */
export type CommitResult =
  /** It is on disk; the receipt that counts is this one, which may be older than the entry's. */
  | { kind: 'durable'; isNew: boolean; acceptedAtMs: number; receiptSignature: Buffer }
  /** Another ballot of the same voter in the same poll is on disk. */
  | { kind: 'other' }
  /** It was not stored. */
  | { kind: 'refused' }
  /** The connection broke around the commit, and the database did not come back in time. */
  | { kind: 'unknown' }

/** Told after each group, for the metrics. */
export type Observe = (group: { ballots: number; durationS: number }) => void

export type GroupCommit = {
  /** Resolves once the outcome is known; never rejects. A full queue refuses at once. */
  submit(entry: Ballots.Entry): Promise<CommitResult>
  isFull(): boolean
  /** Ballots that wait for a group, without those in the group under way. */
  depth(): number
  /** Resolves when the queue is empty and no group is under way. */
  drained(): Promise<void>
}

export type Options = {
  pool: Pool.Pool
  /** Ballots that may wait; each takes about 1 kB. */
  ballotsQueuedMax: number
  /** A monotonic clock in milliseconds. */
  nowMs: () => number
  observe?: Observe | undefined
}

/** One statement of this many ballots takes some 10 ms; more would only make the first ones wait. */
export const GROUP_BALLOTS_MAX = 500

/**
 * A group whose commit was interrupted is tried again for this long: enough for a crashed server to
 * come back, and short enough that the voter still waits for the answer.
 */
const RETRY_MS = 5000
const RETRY_PAUSE_MS = 100

type Waiting = { entry: Ballots.Entry; resolve: (outcome: CommitResult) => void }

/**
 * Stores ballots in groups: while one group is being committed, the next one gathers. So the cost of
 * a sync to disk is shared by as many ballots as arrive meanwhile, and nobody waits for a timer.
 */
export function create(options: Options): GroupCommit {
  const { pool, ballotsQueuedMax, nowMs, observe } = options
  let queue: Waiting[] = []
  let running: Promise<void> | undefined

  async function work(): Promise<void> {
    // One turn of the event loop lets the requests that have arrived together share a group.
    await new Promise(setImmediate)
    while (queue.length > 0) {
      const group = queue.slice(0, GROUP_BALLOTS_MAX)
      queue = queue.slice(GROUP_BALLOTS_MAX)
      const startMs = nowMs()
      await commit(pool, group, nowMs)
      observe?.({ ballots: group.length, durationS: (nowMs() - startMs) / 1000 })
    }
    running = undefined
  }

  return {
    submit(entry) {
      if (queue.length >= ballotsQueuedMax) return Promise.resolve({ kind: 'refused' })
      return new Promise((resolve) => {
        queue.push({ entry, resolve })
        running ??= work()
      })
    },
    isFull: () => queue.length >= ballotsQueuedMax,
    depth: () => queue.length,
    drained: () => running ?? Promise.resolve(),
  }
}

/** Gives every ballot of the group its outcome. */
async function commit(pool: Pool.Pool, group: Waiting[], nowMs: () => number): Promise<void> {
  const deadlineMs = nowMs() + RETRY_MS
  const entries = distinct(group)
  let mayBeStored = false
  for (;;) {
    const attempt = await store(pool, entries)
    if (attempt.kind === 'stored') return answer(group, attempt.rows)
    mayBeStored ||= attempt.kind === 'interrupted'
    if (attempt.kind === 'aborted' || nowMs() >= deadlineMs) break
    // Storing is idempotent. So an interrupted commit, whose outcome nobody knows, is simply made
    // again: what it had stored is found, what it had not is stored now.
    await sleep(RETRY_PAUSE_MS)
  }
  for (const { resolve } of group) resolve({ kind: mayBeStored ? 'unknown' : 'refused' })
}

/**
 * One entry for each ballot of the group, in the order of the table's keys: two processes that
 * insert the same voters then wait for each other in the same order, and never deadlock.
 */
function distinct(group: Waiting[]): Ballots.Entry[] {
  const byHash = new Map<string, Ballots.Entry>()
  for (const { entry } of group) {
    const key = keyOf(entry.ballotHash)
    if (!byHash.has(key)) byHash.set(key, entry)
  }
  return [...byHash.values()].toSorted((a, b) => a.pollId - b.pollId || a.voterIndex - b.voterIndex)
}

type Attempt =
  /** Committed. `rows` are the ballots that are in the table now, by their hash. */
  | { kind: 'stored'; rows: Map<string, Ballots.Receipted> }
  /** The server said no: nothing was stored. */
  | { kind: 'aborted' }
  /** No connection: nothing was stored, and it may be better in a moment. */
  | { kind: 'unreachable' }
  /** The connection broke while the server was at it. */
  | { kind: 'interrupted' }

async function store(pool: Pool.Pool, entries: Ballots.Entry[]): Promise<Attempt> {
  let client: PoolClient
  try {
    client = await pool.connect()
  } catch {
    return { kind: 'unreachable' }
  }
  try {
    // A statement alone is a transaction; the promise resolves at ReadyForQuery, after its commit.
    const isNew = (await Ballots.insert(client, entries)) === entries.length
    // A statement of its own: only a new snapshot sees the rows that the insert ran into.
    const stored = isNew
      ? entries
      : await Ballots.findReceipts(
          client,
          entries.map(({ ballotHash }) => ballotHash),
        )
    const rows = new Map(stored.map((row) => [keyOf(row.ballotHash), row]))
    client.release()
    return { kind: 'stored', rows }
  } catch (error) {
    client.release(true)
    return { kind: isAbort(error) ? 'aborted' : 'interrupted' }
  }
}

function answer(group: Waiting[], rows: Map<string, Ballots.Receipted>): void {
  const seen = new Set<string>()
  for (const { entry, resolve } of group) {
    const key = keyOf(entry.ballotHash)
    const stored = rows.get(key)
    if (stored === undefined) {
      resolve({ kind: 'other' })
      continue
    }
    const { acceptedAtMs, receiptSignature } = stored
    const isNew = !seen.has(key) && receiptSignature.equals(entry.receiptSignature)
    seen.add(key)
    resolve({ kind: 'durable', isNew, acceptedAtMs, receiptSignature })
  }
}

/** A hash as the key of a map: one character a byte is the cheapest string there is. */
function keyOf(ballotHash: Buffer): string {
  return ballotHash.toString('latin1')
}

/**
 * Whether the server itself refused the statement, so that nothing of it was stored. A server that
 * is going down (57P0x) or has an internal failure (58, XX) may have committed before it said so.
 */
function isAbort(error: unknown): boolean {
  if (!(error instanceof DatabaseError) || error.code === undefined) return false
  return !/^(08|57P|58|XX)/.test(error.code)
}
