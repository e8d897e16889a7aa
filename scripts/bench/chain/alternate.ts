import { median, show, type Measurement } from '../Benchmark.ts'
import { EmptyQueueError } from './drain.ts'
import type { BenchRig } from './BenchRig.ts'
import * as BallotPool from './BallotPool.ts'
import * as MeasuredWindow from './MeasuredWindow.ts'

export type Options = {
  /** How the two are called in the details. */
  names: readonly [ours: string, reference: string]
  reference: MeasuredWindow.Source
  /** Gets the turn of the reference just before it, for a load that fits the hour. */
  ours: (reference: MeasuredWindow.MeasuredWindow) => MeasuredWindow.Source
}

export type Round = {
  ours: MeasuredWindow.MeasuredWindow
  reference: MeasuredWindow.MeasuredWindow
}

/** Enough for a median; the last ones are left out where the time is over. */
const ROUNDS = 3
const ROUNDS_MIN = 2

/** The third round does not begin later than this after the first: the whole stays near three minutes. */
const TIME_MS = 100_000

/**
 * Others may have this share of the machine. All of ours runs on two cores together, and what is
 * taken from one node stops a quorum: far less would do than with a computation.
 */
const TAKEN_SHARE_MAX = 0.05

/**
 * Reference and ours in turns on one network, so that both meet the same chain and the same noise.
 * Rounds in which others took CPU count only where there are too few without; a miss is then no
 * verdict. A turn that stalls costs its round. A first, short round warms up and does not count.
 */
export async function alternate(rig: BenchRig, options: Options): Promise<Measurement> {
  const rounds: Round[] = []
  let stalled = 0
  const takeRound = async (windowMs?: number): Promise<Round | undefined> => {
    try {
      const reference = await MeasuredWindow.take(rig, options.reference, windowMs)
      return { reference, ours: await MeasuredWindow.take(rig, options.ours(reference), windowMs) }
    } catch (error) {
      if (!(error instanceof MeasuredWindow.StalledError)) throw error
      return undefined
    }
  }
  await takeRound(MeasuredWindow.WARM_UP_MS)
  const startedMs = performance.now()
  for (let count = 0; count < ROUNDS; count += 1) {
    if (count >= ROUNDS_MIN && performance.now() - startedMs > TIME_MS) break
    try {
      const round = await takeRound()
      if (round === undefined) stalled += 1
      else rounds.push(round)
    } catch (error) {
      // A machine faster than foreseen uses the ballots up; its rounds so far stand.
      if (rounds.length === 0 || !isShortage(error)) throw error
      break
    }
  }
  return judge(options.names, rounds, stalled)
}

function isShortage(error: unknown): boolean {
  return error instanceof BallotPool.EmptyError || error instanceof EmptyQueueError
}

/** The rounds as a measurement: the undisturbed ones where there are enough of them. */
export function judge(
  names: Options['names'],
  rounds: readonly Round[],
  stalled: number,
): Measurement {
  const quiet = rounds.filter((round) => takenOf(round) <= TAKEN_SHARE_MAX)
  const isSpoilt = quiet.length < ROUNDS_MIN
  const counted = isSpoilt ? rounds : quiet
  const told = `${quiet.length} of ${rounds.length + stalled} rounds undisturbed, ${stalled} stalled`
  // Of no round there are no figures.
  if (counted.length === 0) return { rounds: [], details: told, isSpoilt }
  const [ours, reference] = names
  return {
    rounds: counted.map((round) => round.ours.ratePerS / round.reference.ratePerS),
    details: [
      `${ours} ${describe(counted.map((round) => round.ours))}`,
      `${reference} ${describe(counted.map((round) => round.reference))}`,
      `CPU ratio ${cpuRatio(counted).toFixed(2)}`,
      told,
    ].join('; '),
    isSpoilt,
  }
}

/** What others had of the machine in the worse of the two turns. */
function takenOf({ ours, reference }: Round): number {
  return Math.max(...[ours, reference].map((turn) => turn.stealShare + turn.foreignShare))
}

/** How much less CPU a ballot of ours takes; hardly moved by the noise of others. */
function cpuRatio(rounds: readonly Round[]): number {
  return median(
    rounds.map((round) => MeasuredWindow.cpuOf(round.reference) / MeasuredWindow.cpuOf(round.ours)),
  )
}

/** For example `1,527/s (0.92 CPU-s per 1,000: nodes 0.76, postgres 0.05, …)`. */
function describe(turns: readonly MeasuredWindow.MeasuredWindow[]): string {
  const names = [...new Set(turns.flatMap(({ cpuSPer1000 }) => Object.keys(cpuSPer1000)))]
  const parts = names
    .map((name) => ({ name, cpuS: median(turns.map(({ cpuSPer1000 }) => cpuSPer1000[name] ?? 0)) }))
    .filter(({ cpuS }) => cpuS >= CPU_S_SHOWN)
    .toSorted((left, right) => right.cpuS - left.cpuS)
    .map(({ name, cpuS }) => `${name} ${cpuS.toFixed(2)}`)
  const rate = show(median(turns.map(({ ratePerS }) => ratePerS)))
  const cpu = median(turns.map(MeasuredWindow.cpuOf)).toFixed(2)
  const steal = median(turns.map(({ stealShare }) => stealShare)) * 100
  return `${rate}/s, ${cpu} CPU-s per 1,000 (${parts.join(', ')}), steal ${steal.toFixed(1)} %`
}

/** Less than this is not worth a reader's time. */
const CPU_S_SHOWN = 0.005
