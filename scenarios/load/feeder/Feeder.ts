import { BallotstormError } from '../../runtime/BallotstormError.ts'
import * as Spool from '../../ballots/Spool.ts'
import * as Instants from '../../schedule/Instants.ts'
import type { HandOver } from '../HistoryLine.ts'
import * as Slice from '../Slice.ts'
import { body } from './body.ts'

/** Hands out the plan in slices, in order, each ballot once, none before its time. */
export type Feeder = {
  /** Begins the storm: instant 0 of the plan is at this Unix ms. Only the first call counts. */
  start(atMs: number): void
  state(): { startAtMs: number | undefined; handed: number; ballotCount: number }
  /** When the next slice may leave, in Unix ms; `undefined` before the start; `'end'` after the last. */
  dueAtMs(): number | 'end' | undefined
  /**
   * Takes the next slice. The caller has waited until it is due.
   *
   * @throws {Spool.DamagedError} where the spool ends early.
   */
  take(): { handOver: HandOver; lateMs: number; bytes: Uint8Array }
  close(): void
}

export type Options = {
  spoolFile: string
  instantsFile: string
  sliceMs: number
  sliceBallotsMax: number
  leadMs: number
  /** Length of the storm and the time after it in which ballots are still handed out. */
  stormMs: number
  overtimeMs: number
  now: () => number
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
  let startAtMs: number | undefined
  let handed = 0
  let next = peek(instants, handed, options)

  return {
    start(atMs) {
      startAtMs ??= atMs
    },
    state: () => ({ startAtMs, handed, ballotCount }),
    dueAtMs() {
      if (next.length === 0) return 'end'
      if (startAtMs === undefined) return undefined
      if (options.now() > startAtMs + options.stormMs + options.overtimeMs) return 'end'
      return startAtMs + (next[0] ?? 0) - options.leadMs
    },
    take() {
      const start = startAtMs ?? options.now()
      const { path, recordSizeBytes } = spool.header
      const records = spool.read(handed, next.length)
      const ballots = Array.from(next, (instant, index) => ({
        intendedAtMs: start + instant,
        pollId: Spool.decodeIntent(records, index * recordSizeBytes).pollId,
        body: body(path, records, index * recordSizeBytes, handed + index),
      }))
      const atMs = options.now()
      const handOver = { first: handed, count: ballots.length, atMs }
      const lateMs = Math.max(0, atMs - (start + (next[0] ?? 0)))
      handed += ballots.length
      next = peek(instants, handed, options)
      return { handOver, lateMs, bytes: Slice.encode(handOver.first, ballots) }
    },
    close,
  }
}

/** The instants of the slice that begins with ballot `first`. */
function peek(instants: Instants.Instants, first: number, options: Options): Float64Array {
  const candidates = instants.read(first, options.sliceBallotsMax)
  const beginMs = candidates[0] ?? 0
  const end = candidates.findIndex((instant) => instant >= beginMs + options.sliceMs)
  return end === -1 ? candidates : candidates.subarray(0, end)
}

export class CountMismatchError extends BallotstormError {
  override readonly name = 'Feeder.CountMismatchError'
  readonly code = 'FEEDER_COUNT_MISMATCH'
  readonly exitCode = 107
  constructor(ballotCount: number, instantCount: number) {
    super(
      `The spool holds ${ballotCount} ballots, the plan ${instantCount} instants. Make the plan anew.`,
    )
  }
}
