import type { Path } from '../ballots/Path.ts'
import { LATER, type Outcome } from './Outcome.ts'
import { isPoolFull } from './rpcAnswer.ts'

/** What a voter does about an answer. No npm and no `node:`: k6 runs this file too. */
export type RetryPolicy = { attemptsMax: number; timeoutMs: number; backoffMs: number }

export type Answer = {
  status: number
  body: string
  outcome: Outcome
  /** The header `Retry-After` as it came. */
  retryAfter?: string | undefined
}

/**
 * The pause before the next attempt in ms, or `undefined` where the voter leaves it at this answer.
 * The backoff doubles with each attempt; `Retry-After` prolongs it; no pause is longer than the
 * voter would wait for an answer.
 *
 * @param attempt - the number of the attempt that was answered, 1 and up.
 */
export function pauseMs(
  path: Path,
  policy: RetryPolicy,
  attempt: number,
  answer: Answer,
): number | undefined {
  if (attempt >= policy.attemptsMax || !isWorthAnother(path, answer)) return undefined
  const backoffMs = policy.backoffMs * 2 ** (attempt - 1)
  return Math.min(policy.timeoutMs, Math.max(backoffMs, retryAfterMs(answer)))
}

function isWorthAnother(path: Path, answer: Answer): boolean {
  if (answer.outcome === 'acknowledged') return false
  if (answer.outcome === 'indeterminate' || LATER.includes(answer.status)) return true
  return path === 'rpc' && isPoolFull(answer.body)
}

/** Only the form in seconds: a date would need the server's clock. */
function retryAfterMs(answer: Answer): number {
  return /^\d+$/.test(answer.retryAfter ?? '') ? Number(answer.retryAfter) * 1000 : 0
}
