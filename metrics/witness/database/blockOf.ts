import { keccak256 } from '../../../scenarios/ballots/keccak256.ts'
import type { Block } from '../Observation.ts'
import type { Row } from './Rows.ts'

/** What precedes a reading: its number and hash. */
export type Parent = Pick<Block, 'number' | 'hash'>

/** When a reading took place: by the database's clock in Unix s, and by ours in Unix ms. */
export type Moment = Pick<Block, 'timestamp' | 'seenAtMs'>

/** Before the first reading. */
export const GENESIS: Parent = { number: 0, hash: `0x${'00'.repeat(32)}` }

/**
 * A reading in the form of a block. Its hash covers number, clock and rows, not its parent, so that
 * a reading that stands unchanged after another one was replaced keeps its name.
 */
export function blockOf(
  parent: Parent,
  { timestamp, seenAtMs }: Moment,
  rows: readonly Row[],
): Block {
  const number = parent.number + 1
  const contents = JSON.stringify([number, timestamp, rows])
  return {
    kind: 'block',
    number,
    hash: `0x${keccak256(Buffer.from(contents)).toString('hex')}`,
    parentHash: parent.hash,
    timestamp,
    seenAtMs,
    gasUsed: 0,
    gasLimit: 0,
    sizeBytes: 0,
    transactionCount: rows.length,
    transactions: rows.map(({ sequence }) => `${ROW}${sequence}`),
    casts: rows.map(({ pollId, voterIndex, choice }, at) => [pollId, voterIndex, choice, at]),
    skips: [],
    contradictions: [],
  }
}

/** The rows that a block was made of. */
export function rowsOf({ casts, transactions }: Block): Row[] {
  return casts.map(([pollId, voterIndex, choice, at]) => {
    const sequence = Number(transactions[at]?.slice(ROW.length))
    return { sequence, pollId, voterIndex, choice }
  })
}

/** A ballot's place in the table, where a chain has a transaction. */
const ROW = 'row '
