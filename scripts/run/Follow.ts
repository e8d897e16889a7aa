import * as PlannedBallots from '../../metrics/books/PlannedBallots.ts'
import { parse } from '../../metrics/books/CanonicalChain.ts'
import type { Block, Observation } from '../../metrics/witness/Observation.ts'
import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'
import * as Outcome from '../../scenarios/load/Outcome.ts'
import * as LineTail from '../../scenarios/runtime/LineTail.ts'
import type { RunFolder } from './RunFolder.ts'

/**
 * What is known while the run goes on; for the person who waits, and for the end of the drain, never
 * for the books. Ballots, each counted once, however often it was tried or counted.
 */
export type Seen = {
  /** At least one attempt got an answer, or ran out of time. */
  answered: number
  /** Accepted as far as the answers say, and not in a final block. */
  awaited: number
  /** In a final block. */
  final: number
  height: number
  /** Timestamp of the last final block, Unix seconds. */
  finalTimestamp: number
}

/** Follows history and observations as they grow. Memory: 16 to 24 bytes a ballot. */
export type Follow = { seen: Seen; read(): void; close(): void }

const STATE = { answered: 1, accepted: 2, final: 4 } as const

type Files = Pick<
  RunFolder,
  'planFolder' | 'attemptsFile' | 'probeAttemptsFile' | 'observationsFile'
>

export function create(folder: Files): Follow {
  const planned = PlannedBallots.open(folder.planFolder)
  const states = new Uint8Array(planned.count)
  const seen: Seen = { answered: 0, awaited: 0, final: 0, height: 0, finalTimestamp: 0 }
  /** Blocks that are not final yet, by hash. */
  const open = new Map<string, Pick<Block, 'number' | 'timestamp' | 'casts'>>()
  const histories = [folder.attemptsFile, folder.probeAttemptsFile].map((file) =>
    LineTail.open(file),
  )
  const observations = LineTail.open(folder.observationsFile)
  const mark = (ballot: number, bit: number): void => {
    const before = states[ballot]
    if (before === undefined) return
    states[ballot] = before | bit
    if (isNew(before, bit, STATE.answered)) seen.answered += 1
    if (isNew(before, bit, STATE.final)) seen.final += 1
    seen.awaited += Number(isAwaited(before | bit)) - Number(isAwaited(before))
  }
  const take = (line: Observation): void => {
    if (line.kind === 'block') {
      open.set(line.hash, line)
      seen.height = line.number
    } else if (line.kind === 'reorganisation') {
      for (const [hash, block] of open) if (block.number > line.number) open.delete(hash)
    } else if (line.kind === 'final') {
      for (const [hash, block] of open) {
        if (block.number > line.number) continue
        open.delete(hash)
        for (const [pollId, voter] of block.casts) mark(planned.find(pollId, voter), STATE.final)
        seen.finalTimestamp = Math.max(seen.finalTimestamp, block.timestamp)
      }
    }
  }
  return {
    seen,
    read() {
      for (const history of histories) {
        for (const line of history.readAll()) {
          const attempt = HistoryLine.parseAttempt(line)
          if (attempt === undefined) continue
          const outcome = Outcome.ofAttempt(planned.plan.path, attempt.status, attempt.body)
          const accepted = outcome === 'acknowledged' ? STATE.accepted : 0
          mark(attempt.ballot, STATE.answered | accepted)
        }
      }
      for (const line of observations.readAll()) {
        const observation = parse(line)
        if (observation !== undefined) take(observation)
      }
    },
    close() {
      for (const history of histories) history.close()
      observations.close()
    },
  }
}

function isNew(before: number, added: number, bit: number): boolean {
  return (added & bit) !== 0 && (before & bit) === 0
}

function isAwaited(state: number): boolean {
  return (state & (STATE.accepted | STATE.final)) === STATE.accepted
}
