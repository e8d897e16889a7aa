import { readFileSync } from 'node:fs'

import * as ProcFs from '../../metrics/machine/ProcFs.ts'
import { NONE, type Profile } from './chain/Profile.ts'

/** One comparison with a limit; add one with a file of its own and a line in `benchmarks.ts`. */
export type Benchmark = {
  /** As `--only` and the table say it. */
  name: string
  /** What is measured against what, as one sentence. */
  description: string
  limit: Limit
  /**
   * @param folder - empty, its own, and removed afterwards.
   * @param profile - where the benchmark of a running system leaves CPU profiles.
   */
  measure(folder: string, profile: Profile): Promise<Measurement>
}

export type Limit = { kind: 'least' | 'most'; value: number; unit: 'times' | 'MB' }

export type Measurement = {
  /** The figure that the limit is about, once for each round. */
  rounds: readonly number[]
  /** The figures behind it, for a reader. */
  details: string
  /** Whether others took what the figure needs, so that a miss says nothing. @default false */
  isSpoilt?: boolean | undefined
}

export type Result = Measurement &
  Taken & {
    benchmark: Benchmark
    /** The median of the rounds. */
    value: number
    verdict: 'pass' | 'FAIL' | 'inconclusive'
    tookMs: number
  }

/** What others had of the machine's CPU time, as shares of all of it, 0 to 1. */
export type Taken = {
  /** The host's other guests. */
  stealShare: number
  /** Other programs on this machine. */
  foreignShare: number
}

/** Runs a benchmark, and watches what else the machine does meanwhile. */
export async function run(
  benchmark: Benchmark,
  folder: string,
  profile: Profile = NONE,
): Promise<Result> {
  const startedMs = performance.now()
  const taken = watch()
  const measurement = await benchmark.measure(folder, profile)
  return {
    ...measurement,
    ...taken(),
    benchmark,
    ...judge(benchmark.limit, measurement),
    tookMs: performance.now() - startedMs,
  }
}

/** Holds the median of the rounds against the limit. */
export function judge(
  limit: Limit,
  { rounds, isSpoilt = false }: Measurement,
): Pick<Result, 'value' | 'verdict'> {
  const value = median(rounds)
  const isKept = limit.kind === 'least' ? value >= limit.value : value <= limit.value
  if (isKept) return { value, verdict: 'pass' }
  return { value, verdict: isSpoilt ? 'inconclusive' : 'FAIL' }
}

/** Begins to watch; the function that it gives tells what others took since. */
export function watch(): () => Taken {
  const before = { machine: ProcFs.readCpu(), own: ownTicks() }
  return () => shares(before, { machine: ProcFs.readCpu(), own: ownTicks() })
}

/** The middle of the values; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = (sorted.length - 1) / 2
  const low = sorted[Math.floor(middle)] ?? Number.NaN
  const high = sorted[Math.ceil(middle)] ?? Number.NaN
  return (low + high) / 2
}

/** CPU time of one of `count` operations in µs, this process's garbage collection included. */
export async function cpuUsPer(count: number, work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

export type Alternate = {
  rounds: number
  /** Ours, and what it is held against: each does its work once and gives µs for one operation. */
  ours: (round: number) => Promise<number>
  theirs: (round: number) => Promise<number>
  /** How the two are called in the details. */
  names: readonly [ours: string, theirs: string]
}

/**
 * The two in alternation, so that both meet the same noise: in each round the rate of ours in units
 * of theirs. A first round warms up and does not count.
 */
export async function alternate({ rounds, ours, theirs, names }: Alternate): Promise<Measurement> {
  const pairs: { our: number; their: number }[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const their = await theirs(round)
    const our = await ours(round)
    if (round > 0) pairs.push({ our, their })
  }
  const ourRate = show(1e6 / median(pairs.map(({ our }) => our)))
  const theirRate = show(1e6 / median(pairs.map(({ their }) => their)))
  return {
    rounds: pairs.map(({ our, their }) => their / our),
    details: `${names[0]} ${ourRate}, ${names[1]} ${theirRate} per CPU-second`,
  }
}

/** A whole number as a person reads it. */
export function show(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** CPU time of this process, and of its children that have ended; none runs between two readings. */
function ownTicks(): number {
  const text = readFileSync('/proc/self/stat', 'latin1')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
}

type Reading = { machine: ProcFs.CpuTicks | undefined; own: number }

function shares(before: Reading, after: Reading): Taken {
  if (before.machine === undefined || after.machine === undefined) {
    return { stealShare: 0, foreignShare: 0 }
  }
  const total = after.machine.total - before.machine.total
  const steal = after.machine.steal - before.machine.steal
  const idle = after.machine.idle - before.machine.idle
  const foreign = total - steal - idle - (after.own - before.own)
  return {
    stealShare: total === 0 ? 0 : steal / total,
    foreignShare: total === 0 ? 0 : Math.max(0, foreign / total),
  }
}
