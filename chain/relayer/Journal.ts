import type pg from 'pg'

import * as Batches from '../database/Batches.ts'

import type { Ballot } from './Call.ts'
import type { Signed } from './Transaction.ts'

/** A batch that is not over: what the journal knows of it. */
export type Batch = {
  batchId: number
  state: 'claimed' | 'signed' | 'sent' | 'included'
  /** Since its last step, by the database's clock. */
  ageMs: number
  nonce: number | undefined
  /** Lower-case hex, like the block's hash. */
  transactionHash: string | undefined
  blockNumber: number | undefined
  blockHash: string | undefined
}

/** Ballots taken from the outbox for one batch. */
export type Claim = { batchId: number; ballots: Ballot[] }

/** A ballot that the contract did not count, and why (SKIP_REASONS, or {@link REVERTED}). */
export type Skip = { pollId: number; voterIndex: number; reason: number }

/** Batches seen in a block. */
export type Inclusion = {
  blockNumber: number
  blockHash: string
  batches: { batchId: number; isReverted: boolean; skips: readonly Skip[] }[]
}

/** A signed transaction of the journal. */
export type Kept = Signed & { batchId: number }

/**
 * The relayer's memory, in PostgreSQL. Every function is one statement, so it happened or it did
 * not; each may be repeated. Whatever fails leaves the connection unusable: open another, which
 * reads the truth anew.
 */
export type Journal = {
  /**
   * Takes the oldest ballots into new batches of this instance, each but the last full. Neighbours
   * of a poll's register share a batch.
   */
  claim(size: { batchBallotsMax: number; batchesMax: number }): Promise<Claim[]>
  /** One more than the highest nonce that this instance ever signed; 0 at first. */
  nextNonce(): Promise<number>
  /** Keeps signed transactions, all or none. False where a claim is not ours any more: send none. */
  markSigned(signed: readonly Kept[]): Promise<boolean>
  /** Notes that a node has the transactions; also each time it is given to one again. */
  markSent(batchIds: readonly number[]): Promise<void>
  markIncluded(inclusion: Inclusion): Promise<void>
  /**
   * Blocks are not part of the chain any more: their batches are "sent" again, and what was skipped
   * in them is open again. @returns the batches.
   */
  markVanished(blockHashes: readonly string[]): Promise<number[]>
  /** Batches can vanish no more. Ballots skipped for a passing reason return to the outbox. */
  markFinal(batchIds: readonly number[]): Promise<void>
  /** This instance's batches that are not over, in nonce order. */
  unfinished(): Promise<Batch[]>
  /** Signed transactions of this instance from a nonce on, whatever became of them. */
  transactionsFrom(nonce: number, limit: number): Promise<Kept[]>
  /** The signed transactions of batches. */
  transactions(batchIds: readonly number[]): Promise<Kept[]>
  /** Gives ballots of batches back to the outbox; their transactions may still reach the chain. */
  release(batchIds: readonly number[]): Promise<void>
  /** Releases what this instance had claimed and not signed. @returns how many batches. */
  releaseUnsigned(): Promise<number>
  /**
   * Releases all batches whose relayer gave no sign of life for its lease, or only those that were
   * never signed. @returns how many.
   */
  releaseDead(which: 'all' | 'unsigned'): Promise<number>
  /** Of these transactions those that an instance signed, whatever became of them; by hash. */
  own(transactionHashes: readonly string[]): Promise<Set<string>>
  /** Signed transactions, of any instance, whose ballots were released; the newest first. */
  releasedTransactions(limit: number): Promise<Buffer[]>
  /** Gives the sign of life. */
  renewLeases(): Promise<void>
  /** Ballots in the outbox, counted up to `limit`. */
  outboxDepth(limit: number): Promise<number>
}

/** Skip reason of our own: the batch was mined, but the contract reverted it as a whole. */
export const REVERTED = 0

/** Skip reason of the contract that passes with time. */
const NOT_OPEN = 2

type Instance = { instance: string; leaseMs: number }

/** Runs a statement and gives its rows. */
type Run = <Row extends pg.QueryResultRow>(sql: string, values: unknown[]) => Promise<Row[]>

/** The journal of one instance over a connection that holds the instance's lock. */
export function over(client: pg.ClientBase, options: Instance): Journal {
  const run: Run = async <Row extends pg.QueryResultRow>(sql: string, values: unknown[]) =>
    (await client.query<Row>(sql, values)).rows
  return { ...steps(run, options), ...reads(run, options), ...releases(run, options) }
}

type Steps = 'claim' | 'markSigned' | 'markSent' | 'markIncluded' | 'markVanished' | 'markFinal'
type Releases = 'release' | 'releaseUnsigned' | 'releaseDead' | 'renewLeases'

/** What brings batches forward and back. */
function steps(run: Run, { instance, leaseMs }: Instance): Pick<Journal, Steps> {
  return {
    async claim({ batchBallotsMax, batchesMax }) {
      const ballotsMax = batchBallotsMax * batchesMax
      const values = [instance, leaseMs, ballotsMax, batchBallotsMax]
      const claims = new Map<string, Claim>()
      for (const row of await run<BallotRow>(Batches.CLAIM, values)) {
        const claim = claims.get(row.batch_id) ?? { batchId: Number(row.batch_id), ballots: [] }
        claim.ballots.push(toBallot(row))
        claims.set(row.batch_id, claim)
      }
      return [...claims.values()].toSorted((a, b) => a.batchId - b.batchId)
    },
    async markSigned(signed) {
      const rows = await run(Batches.MARK_SIGNED, [
        instance,
        leaseMs,
        signed.map(({ batchId }) => batchId),
        signed.map(({ nonce }) => nonce),
        signed.map(({ raw }) => raw),
        signed.map(({ hash }) => toBytes(hash)),
      ])
      return rows.length === signed.length
    },
    markSent: async (batchIds) => void (await run(Batches.MARK_SENT, [batchIds])),
    async markIncluded({ blockNumber, blockHash, batches }) {
      const skips = batches.flatMap(({ batchId, skips: of }) =>
        of.map((skip) => ({ ...skip, batchId })),
      )
      await run(Batches.MARK_INCLUDED, [
        blockNumber,
        toBytes(blockHash),
        batches.map(({ batchId }) => batchId),
        batches.map(({ isReverted }) => isReverted),
        skips.map(({ batchId }) => batchId),
        skips.map(({ pollId }) => pollId),
        skips.map(({ voterIndex }) => voterIndex),
        skips.map(({ reason }) => reason),
      ])
    },
    async markVanished(blockHashes) {
      const rows = await run<{ batch_id: string }>(Batches.MARK_VANISHED, [
        instance,
        blockHashes.map(toBytes),
      ])
      return rows.map((row) => Number(row.batch_id))
    },
    markFinal: async (batchIds) =>
      void (await run(Batches.MARK_FINAL, [batchIds, REVERTED, NOT_OPEN])),
  }
}

/** What changes nothing. */
function reads(run: Run, { instance }: Instance): Omit<Journal, Steps | Releases> {
  return {
    async nextNonce() {
      const [row] = await run<{ next: string | null }>(Batches.NEXT_NONCE, [instance])
      return Number(row?.next ?? 0)
    },
    unfinished: async () => (await run<BatchRow>(Batches.UNFINISHED, [instance])).map(toBatch),
    async transactionsFrom(nonce, limit) {
      const rows = await run<TransactionRow>(Batches.TRANSACTIONS_FROM, [instance, nonce, limit])
      return rows.map(toKept)
    },
    async transactions(batchIds) {
      return (await run<TransactionRow>(Batches.TRANSACTIONS, [batchIds])).map(toKept)
    },
    async own(transactionHashes) {
      const hashes = transactionHashes.map((hash) => Buffer.from(hash.slice(2), 'hex'))
      const rows = await run<{ transaction_hash: Buffer }>(Batches.OWN, [hashes])
      return new Set(rows.map((row) => `0x${row.transaction_hash.toString('hex')}`))
    },
    async releasedTransactions(limit) {
      const rows = await run<{ raw_transaction: Buffer }>(Batches.RELEASED_TRANSACTIONS, [limit])
      return rows.map((row) => row.raw_transaction)
    },
    async outboxDepth(limit) {
      const [row] = await run<{ depth: string }>(Batches.OUTBOX_DEPTH, [limit])
      return Number(row?.depth ?? 0)
    },
  }
}

/** What gives ballots back, and what keeps them. */
function releases(run: Run, { instance, leaseMs }: Instance): Pick<Journal, Releases> {
  return {
    release: async (batchIds) => void (await run(Batches.RELEASE, [batchIds])),
    releaseUnsigned: async () => (await run(Batches.RELEASE_UNSIGNED, [instance])).length,
    async releaseDead(which) {
      const states = which === 'all' ? Batches.UNFINISHED_STATES : ['claimed']
      return (await run(Batches.RELEASE_DEAD, [instance, states])).length
    },
    renewLeases: async () => void (await run(Batches.RENEW_LEASES, [instance, leaseMs])),
  }
}

/** node-postgres hands out bigint and numeric as text; none here comes near 2^53. */
type BallotRow = {
  batch_id: string
  poll_id: string
  voter_index: string
  choice: number
  signature: Buffer | null
}

type BatchRow = {
  batch_id: string
  state: Batch['state']
  nonce: string | null
  transaction_hash: Buffer | null
  block_number: string | null
  block_hash: Buffer | null
  age_ms: string
}

type TransactionRow = {
  batch_id: string
  nonce: string
  raw_transaction: Buffer
  transaction_hash: Buffer
}

function toBallot(row: BallotRow): Ballot {
  return {
    pollId: Number(row.poll_id),
    voterIndex: Number(row.voter_index),
    choice: row.choice,
    signature: row.signature ?? undefined,
  }
}

function toKept(row: TransactionRow): Kept {
  return {
    batchId: Number(row.batch_id),
    nonce: Number(row.nonce),
    raw: row.raw_transaction,
    hash: toHex(row.transaction_hash),
  }
}

function toBatch(row: BatchRow): Batch {
  return {
    batchId: Number(row.batch_id),
    state: row.state,
    ageMs: Number(row.age_ms),
    nonce: row.nonce === null ? undefined : Number(row.nonce),
    transactionHash: row.transaction_hash === null ? undefined : toHex(row.transaction_hash),
    blockNumber: row.block_number === null ? undefined : Number(row.block_number),
    blockHash: row.block_hash === null ? undefined : toHex(row.block_hash),
  }
}

function toHex(bytes: Buffer): string {
  return `0x${bytes.toString('hex')}`
}

function toBytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex')
}
