import { join } from 'node:path'

import * as Instants from '../../scenarios/schedule/Instants.ts'
import * as Plan from '../../scenarios/schedule/Plan.ts'
import * as PlannedBallots from './PlannedBallots.ts'

/**
 * A row for each planned ballot, in typed arrays. Bytes a ballot: intended instant 8, five
 * durations 20, poll 2, voter 4, choice 1, state 2, block 4, transaction 2, together 43; the table
 * by voter 8 to 16; the place of its answer, later scratch for sorting, 4; what the database holds
 * (`Stored`) 1: at most 64.
 */
export type Ledger = PlannedBallots.PlannedBallots & {
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
  /** Bits of {@link STATE}; the lowest two are the outcome. */
  state: Uint16Array
  /** Index of the standing block, and of the transaction in it; only where `SEEN`. */
  block: Uint32Array
  transaction: Uint16Array
  /** The place of its answer (`Answers`), 0 while there is none. Shares its bytes with `scratch`. */
  answerAt: Uint32Array
  /** For sorting one duration at a time; using it destroys `answerAt`. */
  scratch: Float32Array
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
  DEFERRED: 1 << 10,
  /** The database holds it more than once. */
  STORED_TWICE: 1 << 11,
} as const

/** Why the last attempt was refused: four bits of the state, 0 where none was. */
const REASON_SHIFT = 12

/** Reasons that are told apart; whatever comes after them shares the last one. */
export const REASONS_MAX = 15

/** @param reason - 1 to {@link REASONS_MAX}. */
export function setReason(ledger: Ledger, ballot: number, reason: number): void {
  const state = ledger.state[ballot] ?? 0
  ledger.state[ballot] = (state & ((1 << REASON_SHIFT) - 1)) | (reason << REASON_SHIFT)
}

export function reasonOf(ledger: Ledger, ballot: number): number {
  return (ledger.state[ballot] ?? 0) >> REASON_SHIFT
}

/** Instants read at a time. */
const CHUNK_BALLOTS = 8192

/**
 * Opens the books of a plan.
 *
 * @param startAtMs - Unix ms of the storm's first instant.
 * @throws {PlannedBallots.MismatchError} where plan, spool and instants are not of one piece.
 * @throws {PlannedBallots.DoubleVoterError} where the plan has one voter twice in a poll.
 */
export function open(planFolder: string, startAtMs: number): Ledger {
  const planned = PlannedBallots.open(planFolder)
  const { count } = planned
  const durations = () => new Float32Array(count).fill(NaN)
  const shared = new ArrayBuffer(count * Float32Array.BYTES_PER_ELEMENT)
  const columns = {
    intendedAtMs: intendedInstants(planFolder, startAtMs, count),
    lateMs: durations(),
    answerMs: durations(),
    ackMs: durations(),
    inclusionMs: durations(),
    finalityMs: durations(),
    state: new Uint16Array(count),
    block: new Uint32Array(count),
    transaction: new Uint16Array(count),
    answerAt: new Uint32Array(shared),
    scratch: new Float32Array(shared),
  }
  return { ...planned, ...columns }
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

function intendedInstants(planFolder: string, startAtMs: number, count: number): Float64Array {
  const intendedAtMs = new Float64Array(count)
  const instants = Instants.open(join(planFolder, Plan.FILES.instants))
  try {
    if (instants.count !== count)
      throw new PlannedBallots.MismatchError(planFolder, 'number of instants')
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
