import { join } from 'node:path'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import * as Instants from '../../scenarios/schedule/Instants.ts'
import * as Plan from '../../scenarios/schedule/Plan.ts'

/**
 * A row for each planned ballot, in typed arrays. Bytes a ballot: intended instant 8, five
 * durations 20, poll 2, voter 4, choice 1, state 2, block 4, transaction 2, together 43; the table
 * by voter 8 to 16; the place of its answer, later scratch for sorting, 4; what the database holds
 * (`Stored`) 1: at most 64.
 */
export type Ledger = {
  plan: Plan.Plan
  count: number
  /** Unix ms at which the plan wanted the ballot sent. */
  intendedAtMs: Float64Array
  /** First attempt: how late it left. This and the following are NaN where not known. */
  lateMs: Float32Array
  /** First attempt: from sending to its answer. */
  answerMs: Float32Array
  /** From the intended instant to the first valid acknowledgement, else to the last answer so far. */
  ackMs: Float32Array
  /** From the intended instant until the witness saw the ballot's block, of those that stand. */
  inclusionMs: Float32Array
  finalityMs: Float32Array
  /** Index into the plan's polls. */
  poll: Uint16Array
  voterIndex: Uint32Array
  choice: Uint8Array
  /** Bits of {@link STATE}; the lowest two are the outcome. */
  state: Uint16Array
  /** Index of the standing block, and of the transaction in it; only where `SEEN`. */
  block: Uint32Array
  transaction: Uint16Array
  /** The place of its answer (`Answers`), 0 while there is none. Shares its bytes with `scratch`. */
  answerAt: Uint32Array
  /** For sorting one duration at a time; using it destroys `answerAt`. */
  scratch: Float32Array
  /** The ballot of a voter in a poll, −1 where none is planned. */
  find(pollId: number, voterIndex: number): number
}

/** The outcomes in rising order: what came later never lowers it. */
export const OUTCOME = { none: 0, refused: 1, indeterminate: 2, acknowledged: 3 } as const
export const OUTCOME_MASK = 3

export const STATE = {
  /** Left the feeder. */
  HANDED: 1 << 2,
  RESENT: 1 << 3,
  /** In a block that stands. */
  SEEN: 1 << 4,
  ALTERED: 1 << 5,
  DUPLICATED: 1 << 6,
  INVALID_RECEIPT: 1 << 7,
  BROKEN: 1 << 8,
  /** Was in a block that left the chain. */
  REORGANISED: 1 << 9,
  /** Was refused for now, with attempts left: another one may have been on its way. */
  PUT_OFF: 1 << 10,
  /** The database holds it more than once. */
  STORED_TWICE: 1 << 11,
} as const

/** Records of the spool read at a time. */
const CHUNK_BALLOTS = 8192

/**
 * Opens the books of a plan.
 *
 * @param startAtMs - Unix ms of the storm's first instant.
 * @throws {PlanMismatchError} where plan, spool and instants are not of one piece.
 * @throws {DoubleVoterError} where the plan has one voter twice in a poll.
 */
export function open(planFolder: string, startAtMs: number): Ledger {
  const plan = Plan.read(planFolder)
  const count = plan.ballotCount
  const durations = () => new Float32Array(count).fill(NaN)
  const shared = new ArrayBuffer(count * Float32Array.BYTES_PER_ELEMENT)
  const columns = {
    intendedAtMs: intendedInstants(planFolder, startAtMs, count),
    lateMs: durations(),
    answerMs: durations(),
    ackMs: durations(),
    inclusionMs: durations(),
    finalityMs: durations(),
    poll: new Uint16Array(count),
    voterIndex: new Uint32Array(count),
    choice: new Uint8Array(count),
    state: new Uint16Array(count),
    block: new Uint32Array(count),
    transaction: new Uint16Array(count),
    answerAt: new Uint32Array(shared),
    scratch: new Float32Array(shared),
  }
  const pollOf = new Map(plan.polls.map(({ pollId }, index) => [pollId, index]))
  const table = createTable(columns.poll, columns.voterIndex)
  forEachIntent(planFolder, count, (ballot, intent) => {
    const poll = pollOf.get(intent.pollId)
    if (poll === undefined) throw new PlanMismatchError(planFolder, `poll ${intent.pollId}`)
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

/** The ballot's outcome so far. */
export function outcome(ledger: Ledger, ballot: number): number {
  return (ledger.state[ballot] ?? 0) & OUTCOME_MASK
}

export function has(ledger: Ledger, ballot: number, bit: number): boolean {
  return ((ledger.state[ballot] ?? 0) & bit) !== 0
}

/** Sets a bit. @returns whether it was not set before. */
export function mark(ledger: Ledger, ballot: number, bit: number): boolean {
  const state = ledger.state[ballot] ?? 0
  ledger.state[ballot] = state | bit
  return (state & bit) === 0
}

/** Raises the outcome where `value` outweighs it. */
export function raise(ledger: Ledger, ballot: number, value: number): void {
  const state = ledger.state[ballot] ?? 0
  if (value > (state & OUTCOME_MASK)) ledger.state[ballot] = (state & ~OUTCOME_MASK) | value
}

function forEachIntent(
  planFolder: string,
  count: number,
  take: (ballot: number, intent: Spool.Intent) => void,
): void {
  const spool = Spool.open(join(planFolder, Plan.FILES.spool))
  try {
    const { recordSizeBytes } = spool.header
    if (spool.header.count !== count) throw new PlanMismatchError(planFolder, 'number of ballots')
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

function intendedInstants(planFolder: string, startAtMs: number, count: number): Float64Array {
  const intendedAtMs = new Float64Array(count)
  const instants = Instants.open(join(planFolder, Plan.FILES.instants))
  try {
    if (instants.count !== count) throw new PlanMismatchError(planFolder, 'number of instants')
    for (let first = 0; first < count; first += CHUNK_BALLOTS) {
      const chunk = instants.read(first, Math.min(CHUNK_BALLOTS, count - first))
      chunk.forEach((afterStartMs, index) => {
        intendedAtMs[first + index] = startAtMs + afterStartMs
      })
    }
  } finally {
    instants.close()
  }
  return intendedAtMs
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
  override readonly name = 'Ledger.DoubleVoterError'
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
export class PlanMismatchError extends BallotstormError {
  override readonly name = 'Ledger.PlanMismatchError'
  readonly code = 'LEDGER_PLAN_MISMATCH'
  readonly exitCode = 1
  readonly remedy = 'Make the plan anew.'
  constructor(planFolder: string, difference: string) {
    super(`The files of the plan in ${planFolder} do not belong together: another ${difference}.`)
  }
}
