import { DatabaseError } from 'pg'

import type * as Pool from '../../../chain/database/Pool.ts'

/** In place of the table of ballots where a test runs hundreds of times: the same keys, no disk. */
export type MemoryTable = {
  pool: Pool.Pool
  /** Ballots by their hash, in the order in which they were stored. */
  rows: Map<string, Row>
  /** How the next statements end, first come first; then they succeed. */
  endings: Ending[]
  /** Connections given back, and how many of them as broken. */
  released: { count: number; broken: number }
  /** Statements that wait until it is called go on; from now on none waits. */
  open(): void
}

type Row = {
  ballot_hash: Buffer
  poll_id: number
  voter_index: number
  accepted_at_ms: number
  receipt_signature: Buffer
}

/** No connection, a connection that breaks before or after the commit, or the server's own code. */
export type Ending = 'unreachable' | 'cut before' | 'cut after' | { code: string | undefined }

/** @param isShut - statements wait until {@link MemoryTable.open}. */
export function create({ isShut = false }: { isShut?: boolean } = {}): MemoryTable {
  const rows: MemoryTable['rows'] = new Map()
  const endings: Ending[] = []
  const released = { count: 0, broken: 0 }
  const gate = Promise.withResolvers<void>()
  if (!isShut) gate.resolve()

  const query = async ({ name, values }: { name: string; values: unknown[][] }) => {
    await gate.promise
    if (name === 'select-ballots') {
      const [hashes = []] = values
      return { rows: hashes.flatMap((hash) => rows.get(keyOf(hash)) ?? []) }
    }
    const ending = endings.shift()
    if (ending === 'cut before') throw new Error('Connection terminated unexpectedly')
    if (typeof ending === 'object') throw serverError(ending.code)
    const rowCount = insert(rows, values)
    if (ending === 'cut after') throw new Error('Connection terminated unexpectedly')
    return { rowCount }
  }
  const connect = async () => {
    if (endings[0] === 'unreachable') {
      endings.shift()
      throw new Error('connect ECONNREFUSED')
    }
    return { query, release }
  }
  const release = (isBroken = false): void => {
    released.count += 1
    released.broken += isBroken ? 1 : 0
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of a pool is used
  const pool = { connect } as unknown as Pool.Pool
  return { pool, rows, endings, released, open: gate.resolve }
}

/** One ballot for each hash, and one for each voter in a poll. */
function insert(rows: MemoryTable['rows'], values: readonly unknown[][]): number {
  const before = rows.size
  const [hashes = [], polls = [], voters = [], , , accepted = [], receipts = []] = values
  for (const [at, hash] of hashes.entries()) {
    const [poll_id, voter_index] = [Number(polls[at]), Number(voters[at])]
    const isTaken = [...rows.values()].some(
      (row) => row.poll_id === poll_id && row.voter_index === voter_index,
    )
    if (isTaken || rows.has(keyOf(hash))) continue
    rows.set(keyOf(hash), {
      ballot_hash: Buffer.from(keyOf(hash), 'latin1'),
      poll_id,
      voter_index,
      accepted_at_ms: Number(accepted[at]),
      receipt_signature: receipts[at] instanceof Buffer ? receipts[at] : Buffer.alloc(0),
    })
  }
  return rows.size - before
}

function keyOf(hash: unknown): string {
  return hash instanceof Buffer ? hash.toString('latin1') : ''
}

function serverError(code: string | undefined): DatabaseError {
  const error = new DatabaseError('the server says no', 1, 'error')
  error.code = code
  return error
}
