import * as HistoryLine from '../../scenarios/load/HistoryLine.ts'
import * as LineTail from '../../scenarios/runtime/LineTail.ts'
import type { RunFolder } from './RunFolder.ts'

/** What is known while the run goes on; for the person who waits, never for the books. */
export type Seen = {
  /** Attempts that got an answer or ran out of time. */
  answered: number
  /** Attempts that were accepted, as far as the status says. */
  accepted: number
  height: number
  /** Ballots in final blocks. */
  finalBallots: number
  /** Timestamp of the last final block, Unix seconds. */
  finalTimestamp: number
}

/** Follows history and observations as they grow, in constant memory. */
export type Follow = { seen: Seen; read(): void; close(): void }

export function create(folder: Pick<RunFolder, 'attemptsFile' | 'observationsFile'>): Follow {
  const seen: Seen = { answered: 0, accepted: 0, height: 0, finalBallots: 0, finalTimestamp: 0 }
  /** Blocks that are not final yet, by hash. */
  const open = new Map<string, { number: number; timestamp: number; casts: number }>()
  const attempts = LineTail.open(folder.attemptsFile)
  const observations = LineTail.open(folder.observationsFile)
  const take = (observation: unknown): void => {
    if (isBlock(observation)) {
      const { hash, number, timestamp, casts } = observation
      open.set(hash, { number, timestamp, casts: casts.length })
      seen.height = number
    } else if (isReorganisation(observation)) {
      for (const [hash, block] of open) if (block.number > observation.number) open.delete(hash)
    } else if (isFinal(observation)) {
      for (const [hash, block] of open) {
        if (block.number > observation.number) continue
        open.delete(hash)
        seen.finalBallots += block.casts
        seen.finalTimestamp = Math.max(seen.finalTimestamp, block.timestamp)
      }
    }
  }
  return {
    seen,
    read() {
      for (const line of attempts.readAll()) {
        const attempt = HistoryLine.parseAttempt(line)
        if (attempt === undefined) continue
        seen.answered += 1
        if (ACCEPTED_STATUSES.has(attempt.status)) seen.accepted += 1
      }
      for (const line of observations.readAll()) take(JSON.parse(line))
    },
    close() {
      attempts.close()
      observations.close()
    },
  }
}

/** 202 of the API, 200 of a node. */
const ACCEPTED_STATUSES: ReadonlySet<number> = new Set([200, 202])

type BlockLine = {
  kind: 'block'
  hash: string
  number: number
  timestamp: number
  casts: unknown[]
}

function isBlock(value: unknown): value is BlockLine {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'block'
}

function isFinal(value: unknown): value is { kind: 'final'; number: number } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'final'
}

function isReorganisation(value: unknown): value is { kind: 'reorganisation'; number: number } {
  const isObject = typeof value === 'object' && value !== null && 'kind' in value
  return isObject && value.kind === 'reorganisation'
}
