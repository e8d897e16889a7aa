import type { Path } from '../ballots/Path.ts'

/**
 * What an answer means to a voter, and what the attempts mean together (design §3.5). One place, so
 * that k6's live counters and the books cannot come to differ. Types are all it imports: k6 runs this file too.
 *
 * - `acknowledged`: one attempt was accepted.
 * - else `indeterminate`: one attempt had no definite answer; it may count once, never twice.
 * - else `refused`: every attempt was definitely refused.
 */
export type Outcome = 'acknowledged' | 'indeterminate' | 'refused'

/** A node says so of a transaction that it holds already: as good as the hash itself. */
const KNOWN_TRANSACTION = /already known|known transaction|already imported/i

/**
 * The meaning of one answer. A receipt (202) or transaction hash is taken at its word here; whoever
 * can check the signature must do so.
 *
 * @param status - the HTTP status, 0 where none came.
 * @param body - the answer's text.
 */
export function ofAttempt(path: Path, status: number, body: string): Outcome {
  if (status === 0) return 'indeterminate'
  if (path === 'rpc' && status === 200) return ofRpcAnswer(body)
  if (path === 'api' && status === 202) return 'acknowledged'
  return status >= 500 && status !== 503 ? 'indeterminate' : 'refused'
}

/** The outcome after one more attempt: `acknowledged` stays, `indeterminate` outweighs `refused`. */
export function join(before: Outcome, attempt: Outcome): Outcome {
  if (before === 'acknowledged' || attempt === 'acknowledged') return 'acknowledged'
  return before === 'indeterminate' || attempt === 'indeterminate' ? 'indeterminate' : 'refused'
}

function ofRpcAnswer(body: string): Outcome {
  if (/"result"\s*:\s*"0x[0-9a-fA-F]{64}"/.test(body)) return 'acknowledged'
  if (!/"error"\s*:/.test(body)) return 'indeterminate'
  return KNOWN_TRANSACTION.test(body) ? 'acknowledged' : 'refused'
}
