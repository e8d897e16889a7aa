import type { Latency, Run } from '../Run.ts'
import type { Series } from '../series/Series.ts'
import * as Ledger from './Ledger.ts'
import * as Percentiles from './Percentiles.ts'
import * as Seconds from './Seconds.ts'
import type { StandingBlock, StandingChain } from './StandingChain.ts'

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
  chain: StandingChain,
  { startAtMs, deadlineMs }: { startAtMs: number; deadlineMs: number },
): Measures {
  const { stormMs } = ledger.plan
  const window = { fromMs: startAtMs, untilMs: startAtMs + stormMs }
  const perS = (durations: Float32Array): number =>
    stormMs === 0 ? 0 : Seconds.countWithin(ledger, durations, window) / (stormMs / 1000)
  const late = summarise(ledger, ledger.lateMs)
  const seconds = Math.ceil(Math.max(0, deadlineMs - startAtMs) / 1000)
  return {
    silentCount: countSilent(ledger),
    rates: {
      offeredPerS: perS(ledger.lateMs),
      acknowledgedPerS: perS(ledger.ackMs),
      finalPerS: perS(ledger.finalityMs),
    },
    latencyMs: {
      ack: acknowledged(ledger, ledger.ackMs, deadlineMs),
      inclusion: acknowledged(ledger, ledger.inclusionMs, deadlineMs),
      finality: acknowledged(ledger, ledger.finalityMs, deadlineMs),
    },
    lateMs: { p50: late.p50, p99: late.p99, max: late.max },
    answerMs: summarise(ledger, ledger.answerMs),
    blocks: measureBlocks(chain, startAtMs, deadlineMs),
    series: Seconds.series(ledger, { startAtMs, count: Math.min(seconds, Seconds.SECONDS_MAX) }),
  }
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

/** Over all acknowledged ballots; one that did not arrive counts with its age at the deadline. */
function acknowledged(ledger: Ledger.Ledger, durations: Float32Array, deadlineMs: number): Latency {
  let filled = 0
  let censored = 0
  for (let ballot = 0; ballot < ledger.count; ballot += 1) {
    if (Ledger.outcome(ledger, ballot) !== Ledger.OUTCOME.acknowledged) continue
    const duration = durations[ballot] ?? NaN
    const isCensored = Number.isNaN(duration)
    const ageMs = Math.max(0, deadlineMs - (ledger.intendedAtMs[ballot] ?? NaN))
    ledger.scratch[filled] = isCensored ? ageMs : duration
    filled += 1
    censored += Number(isCensored)
  }
  return Percentiles.summarise(ledger.scratch.subarray(0, filled), censored)
}

/** Of the blocks that stand and were seen from the storm's start to the deadline. */
function measureBlocks(chain: StandingChain, startAtMs: number, deadlineMs: number): Run['blocks'] {
  const during = chain.blocks.filter(
    ({ seenAtMs }) => seenAtMs >= startAtMs && seenAtMs <= deadlineMs,
  )
  const intervals = during
    .slice(1)
    .map(({ timestamp }, index) => (timestamp - (during[index]?.timestamp ?? NaN)) * 1000)
  const interval = Percentiles.summarise(Float32Array.from(intervals), 0)
  const voting = during.filter(({ castCount }) => castCount > 0)
  const ballots = voting.reduce((sum, { castCount }) => sum + castCount, 0)
  const perBallot = (weightOf: (block: StandingBlock) => number): number | null => {
    const whole = voting.reduce((sum, block) => sum + weightOf(block), 0)
    return ballots === 0 ? null : Math.round(whole / ballots)
  }
  return {
    count: during.length,
    gasPerBallot: perBallot(({ gasUsed }) => gasUsed),
    bytesPerBallot: perBallot(({ blockBytes }) => blockBytes),
    reorgCount: chain.reorgCount,
    reorgDepthMax: chain.reorgDepthMax,
    intervalMs: { p50: interval.p50, max: interval.max },
  }
}
