import type { Path } from '../ballots/Path.ts'
import { ofRpcAnswer } from './rpcAnswer.ts'

/**
 * What an answer means to a voter, and what the attempts mean together (design §3.5). One place, so
 * that k6's live counters and the books cannot come to differ. No npm and no `node:`: k6 runs this
 * file too.
 *
 * - `acknowledged`: one attempt was accepted.
 * - else `indeterminate`: one attempt had no definite answer; it may count once, never twice.
 * - else `refused`: every attempt was definitely refused.
 */
export type Outcome = 'acknowledged' | 'indeterminate' | 'refused'

/**
 * The meaning of one answer. A receipt (202) or transaction hash is taken at its word here; whoever
 * can check the signature must do so.
 *
 * @param status - the HTTP status, 0 where none came.
 * @param body - the answer's text.
 */
export function ofAttempt(path: Path, status: number, body: string): Outcome {
  if (path === 'rpc' && status === 200) return ofRpcAnswer(body)
  if (path === 'api' && status === 202) return 'acknowledged'
  return isRefusal(status) ? 'refused' : 'indeterminate'
}

/** Where somebody gave up waiting, the request may have been carried out all the same. */
const GAVE_UP = [408, 499]

/** Statuses that mean "later": 429 and our documented 503. */
export const LATER = [429, 503]

/** The request is for another address, and was not carried out at this one. */
const MOVED = [301, 302, 307, 308]

/** A client's fault, or a documented "not now"; of another success nobody has said what it means. */
function isRefusal(status: number): boolean {
  if (status === 503 || MOVED.includes(status)) return true
  return status >= 400 && status < 500 && !GAVE_UP.includes(status)
}

/** The outcome after one more attempt: `acknowledged` stays, `indeterminate` outweighs `refused`. */
export function join(before: Outcome, attempt: Outcome): Outcome {
  if (before === 'acknowledged' || attempt === 'acknowledged') return 'acknowledged'
  return before === 'indeterminate' || attempt === 'indeterminate' ? 'indeterminate' : 'refused'
}
