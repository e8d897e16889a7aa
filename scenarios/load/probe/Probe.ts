import { setTimeout as sleep } from 'node:timers/promises'

import type { Static } from 'typebox'

import * as Rpc from '../../runtime/Rpc.ts'
import { castBallot } from '../castBallot.ts'
import type * as HistoryLine from '../HistoryLine.ts'
import type * as RetryPolicy from '../RetryPolicy.ts'
import * as Outcome from '../Outcome.ts'
import * as Slice from '../Slice.ts'
import { targetOf } from '../targetOf.ts'
import type { Schema } from './Config.ts'
import type { Metrics } from './Metrics.ts'

/**
 * A second generator of a few ballots a second, in a process and with a clock of its own. It casts
 * planned ballots as k6 does, through the same door; so where answers come late to k6 and in time to
 * the probe, k6 was late in reading them.
 */
export type Probe = {
  /** Takes no more ballots, and resolves when all voters are done. */
  stop(): Promise<void>
}

export type Options = Static<typeof Schema> & {
  metrics: Metrics
  /** Takes each attempt; returns once it is written. */
  record: (attempt: HistoryLine.Attempt) => void
  /** Unix milliseconds. */
  now: () => number
}

/** Longer than the feeder keeps anybody waiting. */
const FEEDER_TIMEOUT_MS = 30_000

/** Ballots without an answer at one time; at the bound no further one is taken. */
const OPEN_BALLOTS_MAX = 256

/** Begins to take ballots, until the plan is at its end. */
export function start(options: Options): Probe {
  const stopping = new AbortController()
  const open = new Set<Promise<void>>()
  const ended = keepTaking(options, open, stopping.signal)
  return {
    async stop() {
      stopping.abort()
      await ended
      await Promise.all(open)
    },
  }
}

async function keepTaking(
  options: Options,
  open: Set<Promise<void>>,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    const slice = await take(options, stopping)
    if (slice === 'end') return
    for (const delivery of slice) {
      const voter = cast(options, delivery)
      open.add(voter)
      void voter.then(() => open.delete(voter))
    }
    while (open.size >= OPEN_BALLOTS_MAX) await Promise.race(open)
  }
}

type Delivery = Slice.Slice['ballots'][number] & { ballot: number }

async function take(
  { feederUrl }: Options,
  stopping: AbortSignal,
): Promise<readonly Delivery[] | 'end'> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(FEEDER_TIMEOUT_MS)])
  try {
    const response = await fetch(`${feederUrl}/probe`, { signal })
    if (response.status !== 200) return 'end'
    const { first, ballots } = Slice.decode(await response.arrayBuffer())
    return ballots.map((ballot, index) => ({ ...ballot, ballot: first + index }))
  } catch {
    return 'end'
  }
}

/** Casts a ballot at its instant, again while the voter's retry policy allows; never rejects. */
async function cast(options: Options, delivery: Delivery): Promise<void> {
  await pause(delivery.intendedAtMs - options.now())
  const outcome = await castBallot({
    path: options.path,
    voter: options.voter,
    send: (attempt) => send(options, delivery, attempt),
    pause,
  })
  options.metrics.answered(outcome)
}

async function send(
  options: Options,
  { ballot, pollId, intendedAtMs, body: posted }: Delivery,
  attempt: number,
): Promise<RetryPolicy.Answer> {
  const { path, voter, now, metrics, record } = options
  const sentAtMs = now()
  const { status, body, retryAfter } = await post(
    targetOf(options, { ballot, pollId }, attempt),
    Buffer.from(posted).toString('utf8'),
    voter.timeoutMs,
  )
  record({ ballot, attempt, intendedAtMs, sentAtMs, doneAtMs: now(), status, body })
  metrics.attempted(status)
  return { status, body, outcome: Outcome.ofAttempt(path, status, body), retryAfter }
}

async function post(
  url: string,
  body: string,
  timeoutMs: number,
): Promise<{ status: number; body: string; retryAfter?: string | undefined }> {
  try {
    const answer = await Rpc.post(url, body, { timeoutMs, isKeptAlive: true })
    return { ...answer, retryAfter: answer.headers['retry-after'] }
  } catch (error) {
    return { status: 0, body: error instanceof Error ? error.message : String(error) }
  }
}

async function pause(ms: number): Promise<void> {
  await sleep(Math.max(0, ms))
}
