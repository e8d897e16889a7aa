import { setTimeout as sleep } from 'node:timers/promises'

import { DatabaseError, type PoolClient } from 'pg'

import type * as Pool from '../database/Pool.ts'

/** A checked ballot with its signed receipt, as the table `ballots` keeps it. */
export type Entry = {
  /** 32 bytes. */
  ballotHash: Buffer
  pollId: number
  voterIndex: number
  choice: number
  /** The voter's, 65 bytes; `undefined` where it is not kept. */
  signature: Buffer | undefined
  /** Unix milliseconds. */
  acceptedAtMs: number
  /** Ours, 65 bytes. */
  receiptSignature: Buffer
}

/** What became of a ballot. Only `durable` may be acknowledged. */
export type Outcome =
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
  submit(entry: Entry): Promise<Outcome>
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

type Waiting = { entry: Entry; resolve: (outcome: Outcome) => void }

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
    if (attempt.kind === 'stored') return settle(group, attempt.rows)
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
function distinct(group: Waiting[]): Entry[] {
  const byHash = new Map<string, Entry>()
  for (const { entry } of group) {
    const key = keyOf(entry.ballotHash)
    if (!byHash.has(key)) byHash.set(key, entry)
  }
  return [...byHash.values()].toSorted((a, b) => a.pollId - b.pollId || a.voterIndex - b.voterIndex)
}

type Stored = { acceptedAtMs: number; receiptSignature: Buffer }

type Attempt =
  /** Committed. `rows` are the ballots that are in the table now, by their hash. */
  | { kind: 'stored'; rows: Map<string, Stored> }
  /** The server said no: nothing was stored. */
  | { kind: 'aborted' }
  /** No connection: nothing was stored, and it may be better in a moment. */
  | { kind: 'unreachable' }
  /** The connection broke while the server was at it. */
  | { kind: 'interrupted' }

const INSERT = {
  name: 'insert-ballots',
  text: `insert into ballots
    (ballot_hash, poll_id, voter_index, choice, signature, accepted_at_ms, receipt_signature)
    select * from unnest
      ($1::bytea[], $2::bigint[], $3::bigint[], $4::smallint[], $5::bytea[], $6::bigint[], $7::bytea[])
    on conflict do nothing`,
}

const SELECT = {
  name: 'select-ballots',
  text: `select ballot_hash, accepted_at_ms, receipt_signature from ballots
    where ballot_hash = any($1::bytea[])`,
}

async function store(pool: Pool.Pool, entries: Entry[]): Promise<Attempt> {
  let client: PoolClient
  try {
    client = await pool.connect()
  } catch {
    return { kind: 'unreachable' }
  }
  try {
    // A statement alone is a transaction; the promise resolves at ReadyForQuery, after its commit.
    const inserted = await client.query({ ...INSERT, values: columns(entries) })
    const rows =
      inserted.rowCount === entries.length
        ? new Map(entries.map((entry) => [keyOf(entry.ballotHash), entry]))
        : await select(client, entries)
    client.release()
    return { kind: 'stored', rows }
  } catch (error) {
    client.release(true)
    return { kind: isAbort(error) ? 'aborted' : 'interrupted' }
  }
}

/** A statement of its own: only a new snapshot sees the rows that the insert ran into. */
async function select(client: PoolClient, entries: Entry[]): Promise<Map<string, Stored>> {
  type Row = { ballot_hash: Buffer; accepted_at_ms: string; receipt_signature: Buffer }
  const { rows } = await client.query<Row>({
    ...SELECT,
    values: [entries.map(({ ballotHash }) => ballotHash)],
  })
  return new Map(
    rows.map((row) => [
      keyOf(row.ballot_hash),
      { acceptedAtMs: Number(row.accepted_at_ms), receiptSignature: row.receipt_signature },
    ]),
  )
}

function columns(entries: Entry[]): unknown[] {
  return [
    entries.map(({ ballotHash }) => ballotHash),
    entries.map(({ pollId }) => pollId),
    entries.map(({ voterIndex }) => voterIndex),
    entries.map(({ choice }) => choice),
    entries.map(({ signature }) => signature ?? null),
    entries.map(({ acceptedAtMs }) => acceptedAtMs),
    entries.map(({ receiptSignature }) => receiptSignature),
  ]
}

function settle(group: Waiting[], rows: Map<string, Stored>): void {
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
