import type { Metrics } from '../Metrics.ts'
import type { Observation } from '../Observation.ts'
import { blockOf, GENESIS, type Parent } from './blockOf.ts'
import * as Gaps from './Gaps.ts'
import { ROWS_MAX, UnreadableError, type Row, type Rows } from './Rows.ts'

/** Reads the table as it grows. Whatever is there is counted, and final: a database has no forks. */
export type Reader = {
  /**
   * One reading; never throws: what fails is counted and tried again with the next one.
   *
   * @returns whether more is waiting; if so the next reading need not wait.
   */
  readNext(): Promise<boolean>
  /**
   * Reads what is left, gaps of any age included.
   *
   * @throws {UnreadableError}
   */
  finish(): Promise<void>
  /** Gaps that nobody will look into any more. */
  forgottenCount(): number
}

export type Options = {
  rows: Rows
  /** Takes each observation; returns once it is written. */
  record: (observation: Observation) => void
  metrics: Metrics
  /** Rows up to this sequence number are not read. @default 0 */
  afterSequence?: number | undefined
  now: () => number
}

/** A table that stands still is said to stand this often: a block's time proves what was not there. */
const EMPTY_MS = 1000

type State = Options & {
  gaps: Gaps.Gaps
  parent: Parent & { timestamp: number | undefined; seenAtMs: number }
}

export function create(options: Options): Reader {
  const parent = { ...GENESIS, timestamp: undefined, seenAtMs: -Infinity }
  const state: State = {
    ...options,
    gaps: Gaps.create(Gaps.GAPS_MAX, options.afterSequence),
    parent,
  }
  options.metrics.reading(options.rows.name)
  return {
    async readNext() {
      try {
        return await read(state, state.gaps.young(state.now()))
      } catch (error) {
        const kind = error instanceof UnreadableError ? error.kind : 'malformed'
        state.metrics.failed(state.rows.name, kind)
        return false
      }
    },
    async finish() {
      while (await read(state, []));
      await readGaps(state)
    },
    forgottenCount: () => state.gaps.forgottenCount(),
  }
}

/**
 * The clock is read first, so that every row that was committed by then is in this block or in an
 * earlier one.
 */
async function read(state: State, gaps: readonly Gaps.Gap[]): Promise<boolean> {
  const timestamp = await state.rows.clock()
  const late = await state.rows.within(gaps)
  const fresh = await state.rows.above(state.gaps.highest())
  for (const { sequence } of late) state.gaps.fill(sequence)
  state.gaps.extend(
    fresh.map(({ sequence }) => sequence),
    state.now(),
  )
  const rows = [...late, ...fresh]
  const isDue = state.now() - state.parent.seenAtMs >= EMPTY_MS
  if (rows.length > 0 || isDue) append(state, timestamp, rows)
  return Math.max(late.length, fresh.length) === ROWS_MAX
}

/** Every gap once, and each once more while it still gives rows. */
async function readGaps(state: State): Promise<void> {
  const all = [...state.gaps.all()]
  for (let first = 0; first < all.length; first += Gaps.YOUNG_MAX) {
    let some = all.slice(first, first + Gaps.YOUNG_MAX)
    for (;;) {
      const timestamp = await state.rows.clock()
      const found = await state.rows.within(some)
      for (const { sequence } of found) state.gaps.fill(sequence)
      if (found.length > 0) append(state, timestamp, found)
      if (found.length < ROWS_MAX) break
      const beyond = found.at(-1)?.sequence ?? 0
      some = some
        .filter(({ last }) => last > beyond)
        .map((gap) => ({ ...gap, first: Math.max(gap.first, beyond + 1) }))
    }
  }
}

function append(state: State, clockS: number, rows: readonly Row[]): void {
  // A clock that was set back must not lead back before a poll's sealing.
  const timestamp = Math.max(clockS, state.parent.timestamp ?? 0)
  const seenAtMs = state.now()
  const block = blockOf(state.parent, { timestamp, seenAtMs }, rows)
  const { number, hash } = block
  state.record(block)
  state.record({ kind: 'final', number, hash, atMs: seenAtMs })
  state.metrics.block(block, state.parent.timestamp)
  state.metrics.final(number, rows.length)
  state.parent = { number, hash, timestamp, seenAtMs }
}
