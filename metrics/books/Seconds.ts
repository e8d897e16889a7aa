import type { Series } from '../series/Series.ts'
import * as Clocks from './clocks.ts'
import * as Ledger from './Ledger.ts'
import { percentile, rounded } from './Percentiles.ts'

/** The seconds of a run that its series cover. */
export type Span = {
  /** Unix ms; second 0 begins here. */
  startAtMs: number
  /** Seconds, the last one possibly in part. */
  count: number
}

/** A week: longer than any storm and its drain. */
export const SECONDS_MAX = 7 * 86_400

/** From the intended instant to an event of the ballot in ms, NaN where it has none. */
export type Duration = (ballot: number) => number

/** The harness's own series; they stand in the run folder whether there is a Prometheus or not. */
export function series(ledger: Ledger.Ledger, span: Span, ends: Clocks.Ends): Series[] {
  const counts: readonly [name: string, Duration][] = [
    ['ballots_offered', (ballot) => ledger.lateMs[ballot] ?? NaN],
    ['ballots_acknowledged', (ballot) => Clocks.reachedMs(ledger, 'ack', ballot)],
    ['ballots_turned_away', (ballot) => turnedAwayMs(ledger, ballot)],
    ['ballots_included', (ballot) => Clocks.reachedMs(ledger, 'inclusion', ballot)],
    ['ballots_final', (ballot) => Clocks.reachedMs(ledger, 'finality', ballot)],
  ]
  const shown =
    (clock: Clocks.Clock): Duration =>
    (ballot) =>
      Clocks.shownMs(ledger, clock, ballot, ends)
  return [
    ...counts.map(([name, durationOf]) => perSecond(name, durationOf, { ledger, span })),
    ...percentiles('ack_latency', shown('ack'), { ledger, span }),
    ...percentiles('finality_latency', shown('finality'), { ledger, span }),
  ]
}

/** Refused for good; whoever was told to come later may still have been waiting. */
function turnedAwayMs(ledger: Ledger.Ledger, ballot: number): number {
  const isRefused = Ledger.outcome(ledger, ballot) === Ledger.OUTCOME.refused
  const isForGood = isRefused && !Ledger.has(ledger, ballot, Ledger.STATE.DEFERRED)
  return isForGood ? (ledger.ackMs[ballot] ?? NaN) : NaN
}

/** How many ballots had their event within a time, that is at intended instant + duration. */
export function countWithin(
  ledger: Ledger.Ledger,
  durationOf: Duration,
  window: { fromMs: number; untilMs: number },
): number {
  let count = 0
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const atMs = (ledger.intendedAtMs[ballot] ?? NaN) + durationOf(ballot)
    if (atMs >= window.fromMs && atMs < window.untilMs) count += 1
  }
  return count
}

/** Events in each second, by the instant at which they came. */
function perSecond(
  name: string,
  durationOf: Duration,
  { ledger, span }: { ledger: Ledger.Ledger; span: Span },
): Series {
  const counts = new Float64Array(span.count)
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const atMs = (ledger.intendedAtMs[ballot] ?? NaN) + durationOf(ballot)
    const second = Math.floor((atMs - span.startAtMs) / 1000)
    if (second >= 0 && second < span.count) counts[second] = (counts[second] ?? 0) + 1
  }
  return {
    name,
    unit: 'ballots/s',
    source: 'harness',
    points: Array.from(counts, (count, second) => [second, count]),
  }
}

/**
 * Median and 99th percentile of the ballots of each second, by their intended instant: a stall shows
 * at the voters whom it hit, not at the moment at which it ended.
 *
 * @param durationOf - NaN for a ballot that is none of them.
 */
function percentiles(
  name: string,
  durationOf: Duration,
  { ledger, span }: { ledger: Ledger.Ledger; span: Span },
): Series[] {
  const secondOf = (ballot: number): number => {
    const second = Math.floor(((ledger.intendedAtMs[ballot] ?? NaN) - span.startAtMs) / 1000)
    const isIn = second >= 0 && second < span.count
    return isIn && !Number.isNaN(durationOf(ballot)) ? second : -1
  }
  // A counting sort: where the samples of each second begin in the scratch column.
  const starts = new Uint32Array(span.count + 1)
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const second = secondOf(ballot)
    if (second !== -1) starts[second + 1] = (starts[second + 1] ?? 0) + 1
  }
  for (let second = 0; second < span.count; second += 1) {
    starts[second + 1] = (starts[second + 1] ?? 0) + (starts[second] ?? 0)
  }
  const ends = starts.slice(0, span.count)
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const second = secondOf(ballot)
    if (second === -1) continue
    const at = ends[second] ?? 0
    ledger.scratch[at] = durationOf(ballot)
    ends[second] = at + 1
  }
  const seconds = Array.from(ends, (end, second) => ledger.scratch.subarray(starts[second], end))
  for (const samples of seconds) samples.sort()
  const line = (suffix: string, share: number): Series => ({
    name: `${name}_${suffix}`,
    unit: 'ms',
    source: 'harness',
    points: seconds.map((samples, second) => [second, rounded(percentile(samples, share))]),
  })
  return [line('p50', 0.5), line('p99', 0.99)]
}
