import * as Ledger from './Ledger.ts'

/** A clock of a ballot, from its intended instant on. */
export type Clock = 'ack' | 'inclusion' | 'finality'

/** Unix ms at which waiting ended. */
export type Ends = {
  /** Of the storm, or of what was fired of it: until then a voter without an answer waited. */
  stormAtMs: number
  /** Of the drain: until then a ballot had time to become final. */
  deadlineMs: number
}

/** What the ballot's clock showed at its event in ms, NaN where it never came. */
export function reachedMs(ledger: Ledger.Ledger, clock: Clock, ballot: number): number {
  const isAcknowledged = Ledger.outcome(ledger, ballot) === Ledger.OUTCOME.acknowledged
  return clock === 'ack' && !isAcknowledged ? NaN : (columnOf(ledger, clock)[ballot] ?? NaN)
}

/**
 * What the ballot's clock shows in ms, NaN where the ballot is not one of those that wait. Whoever
 * counted only those that arrived would measure the survivors:
 * - an acknowledgement is awaited by all who were not definitely refused; one who got none waited
 *   until the last answer, or until the storm's end where nobody gave up;
 * - a block and finality by all that were acknowledged or got there; what did not counts with its
 *   age at the deadline.
 */
export function shownMs(ledger: Ledger.Ledger, clock: Clock, ballot: number, ends: Ends): number {
  const knownMs = columnOf(ledger, clock)[ballot] ?? NaN
  const intendedAtMs = ledger.intendedAtMs[ballot] ?? NaN
  const outcome = Ledger.outcome(ledger, ballot)
  if (clock === 'ack') {
    if (outcome < Ledger.OUTCOME.indeterminate) return NaN
    return Number.isNaN(knownMs) ? Math.max(0, ends.stormAtMs - intendedAtMs) : knownMs
  }
  if (!Number.isNaN(knownMs)) return knownMs
  const isAwaited = outcome === Ledger.OUTCOME.acknowledged
  return isAwaited ? Math.max(0, ends.deadlineMs - intendedAtMs) : NaN
}

function columnOf(ledger: Ledger.Ledger, clock: Clock): Float32Array {
  if (clock === 'ack') return ledger.ackMs
  return clock === 'inclusion' ? ledger.inclusionMs : ledger.finalityMs
}
