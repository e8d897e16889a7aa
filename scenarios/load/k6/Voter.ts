import http from 'k6/http'
import type { Params } from 'k6/http'
import { setTimeout } from 'k6/timers'

import { castBallot } from '../castBallot.ts'
import * as HistoryLine from '../HistoryLine.ts'
import * as Outcome from '../Outcome.ts'
import type * as RetryPolicy from '../RetryPolicy.ts'
import { targetOf } from '../targetOf.ts'
import * as Metrics from './Metrics.ts'
import type { Settings } from './Settings.ts'

/** One ballot on its way. */
export type Delivery = {
  ballot: number
  intendedAtMs: number
  pollId: number
  body: ArrayBuffer
}

/**
 * Sends a ballot now, again while the voter's retry policy allows, and writes one line a try. Resolves
 * when the voter is done; never rejects.
 */
export async function cast(settings: Settings, delivery: Delivery): Promise<void> {
  const outcome = await castBallot({
    path: settings.path,
    voter: settings.voter,
    send: (attempt) => send(settings, delivery, attempt),
    pause: (ms) => new Promise((resume) => void setTimeout(resume, ms)),
  })
  Metrics.answered.add(1, { outcome })
}

/** Lines that this VU has written; each VU has a module of its own. */
let lineCount = 0

/** Says that the VU is done, and how much it wrote. */
export function end(): void {
  console.log(HistoryLine.formatEnd(lineCount))
}

async function send(
  settings: Settings,
  delivery: Delivery,
  attempt: number,
): Promise<RetryPolicy.Answer> {
  const { ballot, intendedAtMs } = delivery
  const sentAtMs = Date.now()
  if (attempt === 1) Metrics.lateDuration.add(Math.max(0, sentAtMs - intendedAtMs))
  const response = await http.asyncRequest(
    'POST',
    targetOf(settings, delivery, attempt),
    delivery.body,
    params(settings),
  )
  const doneAtMs = Date.now()
  const { status } = response
  const body = status === 0 ? `${response.error_code} ${response.error}` : (response.body ?? '')
  console.log(
    HistoryLine.formatAttempt({ ballot, attempt, intendedAtMs, sentAtMs, doneAtMs, status, body }),
  )
  lineCount += 1
  Metrics.attempts.add(1, { status: String(status) })
  const outcome = Outcome.ofAttempt(settings.path, status, body)
  if (outcome === 'acknowledged') Metrics.ackDuration.add(Math.max(0, doneAtMs - intendedAtMs))
  return { status, body, outcome, retryAfter: response.headers['Retry-After'] }
}

function params(settings: Settings): Params & { responseType: 'text' } {
  return {
    headers: { 'content-type': 'application/json' },
    redirects: 0,
    responseType: 'text',
    tags: { name: 'ballot' },
    timeout: settings.voter.timeoutMs,
  }
}
