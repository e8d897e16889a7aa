import { setTimeout as sleep } from 'node:timers/promises'

import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'
import * as Machine from '../../../metrics/machine/Machine.ts'
import type { BenchRig } from './BenchRig.ts'
import * as Series from './Series.ts'

/** Something that brings ballots to the chain, faster than the chain takes them. */
export type Source = {
  /** Ballots flow from now on. */
  start(): Promise<void>
  /** No new ones; those under way may still arrive. */
  stop(): Promise<void>
  /** What the witness of its ballots saw. @default the rig's */
  series?: Series.Series | undefined
}

/** What a turn brought while the source was at full work. */
export type MeasuredWindow = {
  /** Ballots mined in a second. */
  ratePerS: number
  window: Series.Window
  /** CPU-seconds for 1,000 mined ballots, by part; the nodes together. */
  cpuSPer1000: Readonly<Record<string, number>>
  /** What others had of the machine, 0 to 1. */
  stealShare: number
  foreignShare: number
}

/** The blocks before a measurement begins: the pool fills, caches and the JIT get warm. */
const RAMP_BLOCKS = 3

/** Long enough for some ten blocks. */
const WINDOW_MS = 10_000

/** A first turn that does not count: fresh words of the bitmap, cold caches. */
export const WARM_UP_MS = 2000

/** A source that brings nothing for so long is broken. */
const RAMP_TIMEOUT_MS = 60_000
const DRAIN_TIMEOUT_MS = 60_000

/** Blocks without ballots after which nothing is under way any more. */
const QUIET_BLOCKS = 2

const POLL_MS = 100
const CPU_INTERVAL_MS = 500

/**
 * Lets a source work until the chain carries its ballots in a steady stream, measures that for a
 * while from block to block, stops it, and waits until its last ballot is mined, so that the next
 * turn finds an idle network.
 *
 * @throws {StalledError} where no ballots come.
 */
export async function take(
  rig: BenchRig,
  source: Source,
  windowMs: number = WINDOW_MS,
): Promise<MeasuredWindow> {
  const { series = rig.series } = source
  series.read()
  const before = series.blocks.length
  try {
    await source.start()
    const turn = await measure({ ...rig, series }, before, windowMs)
    await rig.profile.end()
    await source.stop()
    await idle(series)
    return turn
  } catch (error) {
    // The failure that came first is the one to tell.
    await source.stop().catch(() => undefined)
    throw error
  }
}

async function measure(rig: BenchRig, before: number, windowMs: number): Promise<MeasuredWindow> {
  const { blocks } = rig.series
  const first = await until(rig.series, 'begin', () => {
    const full = blocks.slice(before).filter(({ ballots }) => ballots > 0)
    return full.length >= RAMP_BLOCKS ? blocks.length - 1 : undefined
  })
  if (windowMs >= WINDOW_MS) rig.profile.begin(`turn-${before}`)
  const machine = Machine.start({
    pids: () => partsOf(rig),
    intervalMs: CPU_INTERVAL_MS,
    wallNow: Date.now,
    monotonicNow: () => performance.now(),
  })
  try {
    const endAtMs = performance.now() + windowMs
    const inTime = await until(rig.series, 'go on', () =>
      performance.now() >= endAtMs ? blocks.length : undefined,
    )
    // The block after the end, not the one before: else a chain that stands still at the end would
    // have its standstill left out.
    const last = await until(rig.series, 'go on', () => {
      const at = blocks.length - 1
      return at >= inTime && Series.between(blocks, first, at).ballots > 0 ? at : undefined
    })
    return toMeasuredWindow(Series.between(blocks, first, last), machine.stop())
  } finally {
    machine.stop()
  }
}

function toMeasuredWindow(window: Series.Window, reading: Machine.Reading): MeasuredWindow {
  const cpu = Object.entries(reading.cpuSByProcess)
  return {
    window,
    ratePerS: window.ballots / window.durationS,
    cpuSPer1000: Object.fromEntries(cpu.map(([name, s]) => [name, (s * 1000) / window.ballots])),
    stealShare: reading.stealShare,
    foreignShare: reading.foreignCpuShare,
  }
}

/** Waits until nothing is under way any more. */
async function idle(series: Series.Series): Promise<void> {
  const { blocks } = series
  const from = blocks.length
  await until(series, 'end', () => {
    const isOver = blocks.length > from + QUIET_BLOCKS
    return isOver && blocks.slice(-QUIET_BLOCKS).every(isEmpty) ? true : undefined
  })
}

/** All parts together, in CPU-seconds for 1,000 ballots. */
export function cpuOf({ cpuSPer1000 }: Pick<MeasuredWindow, 'cpuSPer1000'>): number {
  return Object.values(cpuSPer1000).reduce((sum, value) => sum + value, 0)
}

function isEmpty({ ballots, skipped }: Series.Block): boolean {
  return ballots === 0 && skipped === 0
}

/** The processes of the rig, nodes under one name, and this one, which sends and counts. */
function partsOf({
  host: { supervisor },
  stage: { network },
}: BenchRig): { name: string; pid: number }[] {
  const nodes = new Set(network.parts.map(({ name }) => name))
  const parts = supervisor.list().filter(({ isRunning }) => isRunning)
  return [
    ...parts.map(({ name, pid }) => ({ name: nodes.has(name) ? 'nodes' : name, pid })),
    { name: 'bench', pid: process.pid },
  ]
}

async function until<Value>(
  series: Series.Series,
  what: string,
  goal: () => Value | undefined,
): Promise<Value> {
  const deadlineMs = performance.now() + (what === 'end' ? DRAIN_TIMEOUT_MS : RAMP_TIMEOUT_MS)
  for (;;) {
    series.read()
    const value = goal()
    if (value !== undefined) return value
    if (performance.now() > deadlineMs) throw new StalledError(what, series.ballots())
    await sleep(POLL_MS)
  }
}

/** The stream of ballots does not come to life or to an end in time. */
export class StalledError extends BallotstormError {
  override readonly name = 'MeasuredWindow.StalledError'
  readonly code = 'BENCH_STALLED'
  readonly exitCode = 107
  readonly remedy = 'Repeat the benchmark on a quiet machine.'
  constructor(what: string, ballots: number) {
    super(`The stream of ballots did not ${what} in time; the witness has counted ${ballots}.`)
  }
}
