import type { Latency, Run } from '../Run.ts'
import type { Series } from '../series/Series.ts'
import * as Clocks from './clocks.ts'
import * as Ledger from './Ledger.ts'
import * as Percentiles from './Percentiles.ts'
import * as Seconds from './Seconds.ts'
import { isFinal, type CanonicalBlock, type CanonicalChain } from './CanonicalChain.ts'

/** What the books measured, beside what they found. */
export type Measures = {
  /** Ballots that left the feeder and of which no first attempt was recorded. */
  silentCount: number
  /** Over the storm window; what came in the drain is not in them. */
  rates: Run['rates']
  latencyMs: Run['latencyMs']
  /** How late the first attempts left. */
  lateMs: Run['generator']['lateMs']
  /** From the sending of a first attempt to its answer: what the system took, whoever was late. */
  answerMs: Latency
  blocks: Run['blocks']
  series: Series[]
}

/**
 * Takes all measures; uses up the ledger's scratch column.
 *
 * @param times - Unix ms of the storm's first instant, and of the end of the drain.
 */
export function measure(
  ledger: Ledger.Ledger,
  chain: CanonicalChain,
  { startAtMs, deadlineMs }: { startAtMs: number; deadlineMs: number },
): Measures {
  // What was broken off is measured over what was fired of it.
  const stormAtMs = Math.min(startAtMs + ledger.plan.stormMs, Math.max(startAtMs, deadlineMs))
  const ends = { stormAtMs, deadlineMs }
  const window = { fromMs: startAtMs, untilMs: stormAtMs }
  const stormS = (stormAtMs - startAtMs) / 1000
  const perS = (durationOf: Seconds.Duration): number =>
    stormS === 0 ? 0 : Seconds.countWithin(ledger, durationOf, window) / stormS
  const late = summarise(ledger, ledger.lateMs)
  const lastMs = Math.max(deadlineMs, ...lastFinal(chain))
  const seconds = Math.ceil(Math.max(0, lastMs - startAtMs) / 1000)
  const span = { startAtMs, count: Math.min(seconds, Seconds.SECONDS_MAX) }
  return {
    silentCount: countSilent(ledger),
    rates: {
      offeredPerS: perS((ballot) => ledger.lateMs[ballot] ?? NaN),
      acknowledgedPerS: perS((ballot) => Clocks.reachedMs(ledger, 'ack', ballot)),
      finalPerS: perS((ballot) => Clocks.reachedMs(ledger, 'finality', ballot)),
    },
    latencyMs: {
      ack: latency(ledger, 'ack', ends),
      inclusion: latency(ledger, 'inclusion', ends),
      finality: latency(ledger, 'finality', ends),
    },
    lateMs: { p50: late.p50, p99: late.p99, max: late.max },
    answerMs: summarise(ledger, ledger.answerMs),
    blocks: measureBlocks(chain, startAtMs, deadlineMs),
    series: [...Seconds.series(ledger, span, ends), ballotsInBlocks(chain, startAtMs, lastMs)],
  }
}

/** What became final after the deadline is in the counts, and so it is in the series. */
function lastFinal({ blocks }: CanonicalChain): number[] {
  return blocks
    .filter(({ castCount }) => castCount > 0)
    .filter(isFinal)
    .slice(-1)
    .map(({ finalAtMs }) => finalAtMs)
}

function countSilent(ledger: Ledger.Ledger): number {
  let silent = 0
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const wasHanded = Ledger.has(ledger, ballot, Ledger.STATE.HANDED)
    if (wasHanded && Number.isNaN(ledger.lateMs[ballot])) silent += 1
  }
  return silent
}

/** Whatever is known of a duration, over all ballots. */
function summarise({ scratch }: Ledger.Ledger, durations: Float32Array): Latency {
  let filled = 0
  for (const duration of durations) {
    if (Number.isNaN(duration)) continue
    scratch[filled] = duration
    filled += 1
  }
  return Percentiles.summarise(scratch.subarray(0, filled), 0)
}

/** Over all ballots that wait for the event, those included for which it never came. */
function latency(ledger: Ledger.Ledger, clock: Clocks.Clock, ends: Clocks.Ends): Latency {
  let filled = 0
  let censored = 0
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    const duration = Clocks.shownMs(ledger, clock, ballot, ends)
    if (Number.isNaN(duration)) continue
    ledger.scratch[filled] = duration
    filled += 1
    censored += Number(Number.isNaN(Clocks.reachedMs(ledger, clock, ballot)))
  }
  return Percentiles.summarise(ledger.scratch.subarray(0, filled), censored)
}

/** How full each block was, at the moment at which it was seen. */
function ballotsInBlocks({ blocks }: CanonicalChain, fromMs: number, untilMs: number): Series {
  const during = blocks.filter(({ seenAtMs }) => seenAtMs >= fromMs && seenAtMs <= untilMs)
  return {
    name: 'block_ballots',
    unit: 'ballots',
    source: 'harness',
    points: during
      .slice(0, Seconds.SECONDS_MAX)
      .map(({ seenAtMs, castCount }) => [(seenAtMs - fromMs) / 1000, castCount]),
  }
}

/** Of the blocks that stand and were seen from the storm's start to the deadline. */
function measureBlocks(
  chain: CanonicalChain,
  startAtMs: number,
  deadlineMs: number,
): Run['blocks'] {
  const during = chain.blocks.filter(
    ({ seenAtMs }) => seenAtMs >= startAtMs && seenAtMs <= deadlineMs,
  )
  const intervals = during
    .slice(1)
    .map(({ timestamp }, index) => (timestamp - (during[index]?.timestamp ?? NaN)) * 1000)
  const interval = Percentiles.summarise(Float32Array.from(intervals), 0)
  // A chain that stands still makes no block that would end the interval.
  const [first, last] = [during[0], during.at(-1)]
  const standstills = [
    (first?.seenAtMs ?? deadlineMs) - startAtMs,
    deadlineMs - (last?.seenAtMs ?? startAtMs),
  ]
  const voting = during.filter(({ castCount }) => castCount > 0)
  const ballots = voting.reduce((sum, { castCount }) => sum + castCount, 0)
  const perBallot = (weightOf: (block: CanonicalBlock) => number): number | null => {
    const whole = voting.reduce((sum, block) => sum + weightOf(block), 0)
    return ballots === 0 ? null : Math.round(whole / ballots)
  }
  return {
    count: during.length,
    gasPerBallot: perBallot(({ gasUsed }) => gasUsed),
    bytesPerBallot: perBallot(({ blockBytes }) => blockBytes),
    reorgCount: chain.reorgCount,
    reorgDepthMax: chain.reorgDepthMax,
    intervalMs: { p50: interval.p50, max: Math.max(interval.max ?? 0, ...standstills) },
  }
}
