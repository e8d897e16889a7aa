import { availableParallelism, totalmem } from 'node:os'

import * as ClockWatch from './ClockWatch.ts'
import * as Processes from './Processes.ts'
import * as ProcFs from './ProcFs.ts'

/** What the machine did while the run ran, as the run record holds it. */
export type Reading = {
  cores: number
  memoryBytes: number
  /** Share of the machine's CPU time that a hypervisor took. */
  stealShare: number
  /** Share of the machine's CPU time that processes outside of the run used. */
  foreignCpuShare: number
  /** CPU seconds by part of the run, children included. */
  cpuSByProcess: Record<string, number>
  /** By how much wall and monotonic clock came apart within a minute at most, in ms. */
  clockDriftMsMax: number
}

export type Machine = {
  /** Takes a last sample and ends the sampling; a second call gives the same reading. */
  stop(): Reading
}

export type Options = {
  /** The parts that run now; asked at each sample. Processes below them count as theirs. */
  pids: () => readonly Processes.Part[]
  intervalMs: number
  /** Unix milliseconds. */
  wallNow: () => number
  /** Milliseconds since any moment. */
  monotonicNow: () => number
  /** Where the kernel tells about processes. @default '/proc' */
  procFolder?: string | undefined
}

/**
 * Begins to sample CPU and clocks. CPU of a process that ends between two samples is missed by as
 * much as it used since the last one.
 */
export function start(options: Options): Machine {
  const { pids, intervalMs, wallNow, monotonicNow, procFolder } = options
  const clocks = ClockWatch.create(wallNow, monotonicNow)
  const processes = Processes.create()
  const first = ProcFs.readCpu(procFolder)
  const sample = (): void => {
    clocks.sample()
    processes.sample(pids(), ProcFs.readProcesses(procFolder))
  }
  sample()
  const timer = setInterval(sample, intervalMs)
  timer.unref()
  let reading: Reading | undefined
  return {
    stop() {
      if (reading !== undefined) return reading
      clearInterval(timer)
      sample()
      reading = {
        cores: availableParallelism(),
        memoryBytes: totalmem(),
        ...shares(first, ProcFs.readCpu(procFolder), processes.ticksByPart()),
        clockDriftMsMax: clocks.driftMsMax(),
      }
      return reading
    },
  }
}

function shares(
  first: ProcFs.CpuTicks | undefined,
  last: ProcFs.CpuTicks | undefined,
  ticksByPart: Readonly<Record<string, number>>,
): Pick<Reading, 'stealShare' | 'foreignCpuShare' | 'cpuSByProcess'> {
  const parts = Object.entries(ticksByPart)
  const cpuSByProcess = Object.fromEntries(
    parts.map(([name, ticks]) => [name, ticks / ProcFs.TICKS_PER_SECOND]),
  )
  const total = (last?.total ?? 0) - (first?.total ?? 0)
  if (first === undefined || last === undefined || total <= 0) {
    return { stealShare: 0, foreignCpuShare: 0, cpuSByProcess }
  }
  const steal = last.steal - first.steal
  const busy = total - (last.idle - first.idle) - steal
  const ours = parts.reduce((sum, [, ticks]) => sum + ticks, 0)
  return {
    stealShare: share(steal, total),
    foreignCpuShare: share(busy - ours, total),
    cpuSByProcess,
  }
}

/** The kernel counts machine and processes apart, so their difference may fall below nothing. */
function share(part: number, whole: number): number {
  return Math.min(1, Math.max(0, part / whole))
}
