import { Counter, Trend } from 'k6/metrics'

/**
 * All metrics of the script, registered in one place. Their final values equal the history's: a
 * counter moves when, and only when, the line is written.
 */

/** Attempts, tagged with the HTTP `status` (0: no answer). One for each line of the history. */
export const attempts: Counter = new Counter('ballots_attempts')

/** Ballots whose voter is done, tagged with the `outcome` over all attempts: acknowledged, indeterminate, refused. */
export const answered: Counter = new Counter('ballots_answered')

/** The feeder fell silent before the plan's end: k6 then exits with 110, its code for a failed test. */
export const feederLost: Counter = new Counter('feeder_lost')

/** From the *intended* instant until the accepting answer; only ballots that were acknowledged. */
export const ackDuration: Trend = new Trend('ballot_ack_duration', true)

/** From the intended instant until the first attempt left: how late the generator is. */
export const lateDuration: Trend = new Trend('ballot_late_duration', true)
