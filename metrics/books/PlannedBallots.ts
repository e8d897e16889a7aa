import { join } from 'node:path'

import * as Spool from '../../scenarios/ballots/Spool.ts'
import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Plan from '../../scenarios/schedule/Plan.ts'

/** The ballots of a plan, in cast order. 15 to 23 bytes a ballot, the table by voter included. */
export type PlannedBallots = {
  plan: Plan.Plan
  count: number
  /** Index into the plan's polls. */
  poll: Uint16Array
  voterIndex: Uint32Array
  choice: Uint8Array
  /** The ballot of a voter in a poll, −1 where none is planned. */
  find(pollId: number, voterIndex: number): number
}

/** Records of the spool read at a time. */
const CHUNK_BALLOTS = 8192

/**
 * Reads plan and spool.
 *
 * @throws {MismatchError} where plan and spool are not of one piece.
 * @throws {DoubleVoterError} where the plan has one voter twice in a poll.
 */
export function open(planFolder: string): PlannedBallots {
  const plan = Plan.read(planFolder)
  const count = plan.ballotCount
  const columns = {
    poll: new Uint16Array(count),
    voterIndex: new Uint32Array(count),
    choice: new Uint8Array(count),
  }
  const pollOf = new Map(plan.polls.map(({ pollId }, index) => [pollId, index]))
  const table = createTable(columns.poll, columns.voterIndex)
  forEachIntent(planFolder, count, (ballot, intent) => {
    const poll = pollOf.get(intent.pollId)
    if (poll === undefined) throw new MismatchError(planFolder, `poll ${intent.pollId}`)
    columns.poll[ballot] = poll
    columns.voterIndex[ballot] = intent.voterIndex
    columns.choice[ballot] = intent.choice
    if (!table.add(ballot)) throw new DoubleVoterError(ballot, intent)
  })
  const find = (pollId: number, voterIndex: number): number => {
    const poll = pollOf.get(pollId)
    return poll === undefined ? -1 : table.find(poll, voterIndex)
  }
  return { plan, count, ...columns, find }
}

function forEachIntent(
  planFolder: string,
  count: number,
  take: (ballot: number, intent: Spool.Intent) => void,
): void {
  const spool = Spool.open(join(planFolder, Plan.FILES.spool))
  try {
    const { recordSizeBytes } = spool.header
    if (spool.header.count !== count) throw new MismatchError(planFolder, 'number of ballots')
    for (let first = 0; first < count; first += CHUNK_BALLOTS) {
      const records = spool.read(first, CHUNK_BALLOTS)
      for (let offset = 0; offset < records.length; offset += recordSizeBytes) {
        take(first + offset / recordSizeBytes, Spool.decodeIntent(records, offset))
      }
    }
  } finally {
    spool.close()
  }
}

/** Open addressing over (poll, voter), at most half full; a slot holds ballot + 1, or 0. */
function createTable(poll: Uint16Array, voterIndex: Uint32Array) {
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(2, poll.length * 2)))
  const slots = new Uint32Array(capacity)
  const slotOf = (ofPoll: number, ofVoter: number): number => {
    let slot = hash(ofPoll, ofVoter) & (capacity - 1)
    for (;;) {
      const ballot = (slots[slot] ?? 0) - 1
      if (ballot === -1 || (poll[ballot] === ofPoll && voterIndex[ballot] === ofVoter)) return slot
      slot = (slot + 1) & (capacity - 1)
    }
  }
  return {
    /** @returns whether the voter had no ballot in the poll yet. */
    add(ballot: number): boolean {
      const slot = slotOf(poll[ballot] ?? 0, voterIndex[ballot] ?? 0)
      if (slots[slot] !== 0) return false
      slots[slot] = ballot + 1
      return true
    },
    find: (ofPoll: number, ofVoter: number): number => (slots[slotOf(ofPoll, ofVoter)] ?? 0) - 1,
  }
}

/** Spreads neighbours over the table (the finaliser of MurmurHash3). */
function hash(poll: number, voterIndex: number): number {
  let mixed = Math.imul(poll + 1, 0x9e3779b1) ^ voterIndex
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** A plan has two ballots of one voter in one poll. */
export class DoubleVoterError extends BallotstormError {
  override readonly name = 'PlannedBallots.DoubleVoterError'
  readonly code = 'LEDGER_DOUBLE_VOTER'
  readonly exitCode = 1
  readonly remedy = 'Make the plan anew.'
  constructor(ballot: number, { pollId, voterIndex }: Spool.Intent) {
    super(
      `Ballot ${ballot} of the plan is a second one of voter ${voterIndex} in poll ${pollId}: the books could not tell a lost ballot from a double one.`,
    )
  }
}

/** Files of a plan come from different plans. */
export class MismatchError extends BallotstormError {
  override readonly name = 'PlannedBallots.MismatchError'
  readonly code = 'LEDGER_PLAN_MISMATCH'
  readonly exitCode = 1
  readonly remedy = 'Make the plan anew.'
  constructor(planFolder: string, difference: string) {
    super(`The files of the plan in ${planFolder} do not belong together: another ${difference}.`)
  }
}
