import { BallotstormError } from '../../runtime/BallotstormError.ts'
import * as Spool from '../../ballots/Spool.ts'
import * as Instants from '../../schedule/Instants.ts'
import type { HandOver } from '../HistoryLine.ts'
import * as Slice from '../Slice.ts'
import { body } from './body.ts'

/** Hands out the plan, each ballot once, none before its time. */
export type Feeder = {
  /** Begins the storm: instant 0 of the plan is at this Unix ms. Only the first call counts. */
  start(atMs: number): void
  state(): { startAtMs: number | undefined; handed: number; ballotCount: number }
  /** Slice after slice, in order, but for the ballots that are the probe's. */
  k6: Lane
  /** Ballot after ballot of those that are the probe's. */
  probe: Lane
  close(): void
}

/** One of those who fetch ballots. */
export type Lane = {
  /** When the next slice may leave, in Unix ms; `undefined` before the start; `'end'` after the last. */
  dueAtMs(): number | 'end' | undefined
  /**
   * Takes the next slice. The caller has waited until it is due.
   *
   * @throws {Spool.DamagedError} where the spool ends early.
   */
  take(): { handOver: HandOver; lateMs: number; bytes: Uint8Array }
}

export type Options = {
  spoolFile: string
  instantsFile: string
  sliceMs: number
  sliceBallotsMax: number
  leadMs: number
  /** Each so many-th ballot is the probe's; undefined where there is no probe. */
  probeEveryBallots?: number | undefined
  /** Length of the storm and the time after it in which ballots are still handed out. */
  stormMs: number
  overtimeMs: number
  now: () => number
}

/** What both lanes hand out from. */
type Source = Options & {
  spool: Spool.Spool
  instants: Instants.Instants
  state: { startAtMs: number | undefined; handed: number }
}

/**
 * Opens the files of a plan. Both are read by position: memory is one slice, whatever the spool.
 *
 * @throws {CountMismatchError} where spool and instants differ in number.
 */
export function open(options: Options): Feeder {
  const spool = Spool.open(options.spoolFile)
  const instants = Instants.open(options.instantsFile)
  const ballotCount = spool.header.count
  const close = (): void => {
    spool.close()
    instants.close()
  }
  if (instants.count !== ballotCount) {
    close()
    throw new CountMismatchError(ballotCount, instants.count)
  }
  const state: Source['state'] = { startAtMs: undefined, handed: 0 }
  const source = { ...options, spool, instants, state }
  const { probeEveryBallots: every = Infinity } = options
  return {
    start(atMs) {
      state.startAtMs ??= atMs
    },
    state: () => ({ ...state, ballotCount }),
    k6: lane(source, (from) => {
      const first = (from + 1) % every === 0 ? from + 1 : from
      const untilProbe = every - 1 - (first % every)
      return { first, ballotsMax: Math.min(options.sliceBallotsMax, untilProbe) }
    }),
    probe: lane(source, (from) => {
      const first = Math.ceil((from + 1) / every) * every - 1
      return { first: Number.isFinite(every) ? first : ballotCount, ballotsMax: 1 }
    }),
    close,
  }
}

/** @param nextOf - the slice that may begin at a ballot, or after it where that is not the lane's. */
function lane(
  source: Source,
  nextOf: (from: number) => { first: number; ballotsMax: number },
): Lane {
  const { spool, instants, state, leadMs, stormMs, overtimeMs, now } = source
  const peek = (from: number): { first: number; instants: Float64Array } => {
    const { first, ballotsMax } = nextOf(from)
    const candidates = instants.read(first, ballotsMax)
    const beginMs = candidates[0] ?? 0
    const end = candidates.findIndex((instant) => instant >= beginMs + source.sliceMs)
    return { first, instants: end === -1 ? candidates : candidates.subarray(0, end) }
  }
  let next = peek(0)
  return {
    dueAtMs() {
      if (next.instants.length === 0) return 'end'
      const { startAtMs } = state
      if (startAtMs === undefined) return undefined
      if (now() > startAtMs + stormMs + overtimeMs) return 'end'
      return startAtMs + (next.instants[0] ?? 0) - leadMs
    },
    take() {
      const start = state.startAtMs ?? now()
      const { first, instants: taken } = next
      const { path, recordSizeBytes } = spool.header
      const records = spool.read(first, taken.length)
      const ballots = Array.from(taken, (instant, index) => ({
        intendedAtMs: start + instant,
        pollId: Spool.decodeIntent(records, index * recordSizeBytes).pollId,
        body: body(path, records, index * recordSizeBytes, first + index),
      }))
      const atMs = now()
      const lateMs = Math.max(0, atMs - (start + (taken[0] ?? 0)))
      state.handed += ballots.length
      next = peek(first + taken.length)
      const handOver = { first, count: ballots.length, atMs }
      return { handOver, lateMs, bytes: Slice.encode(first, ballots) }
    },
  }
}

/** Spool and instants of a plan do not belong together. */
export class CountMismatchError extends BallotstormError {
  override readonly name = 'Feeder.CountMismatchError'
  readonly code = 'FEEDER_COUNT_MISMATCH'
  readonly exitCode = 107
  readonly remedy = 'Make the plan anew.'
  constructor(ballotCount: number, instantCount: number) {
    super(`The spool holds ${ballotCount} ballots, the plan ${instantCount} instants.`)
  }
}
