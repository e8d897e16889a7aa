import type { Path } from '../ballots/Path.ts'
import * as Outcome from './Outcome.ts'
import * as RetryPolicy from './RetryPolicy.ts'

export type Options = {
  path: Path
  voter: RetryPolicy.RetryPolicy
  /** @param attempt - 1 and up. */
  send: (attempt: number) => Promise<RetryPolicy.Answer>
  pause: (ms: number) => Promise<void>
}

/**
 * Casts a ballot now, again while the voter's retry policy allows; what its attempts come to. No npm
 * and no `node:`: k6 runs this file too.
 */
export async function castBallot({ path, voter, send, pause }: Options): Promise<Outcome.Outcome> {
  let outcome: Outcome.Outcome | undefined
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(attempt)
    outcome = outcome === undefined ? answer.outcome : Outcome.join(outcome, answer.outcome)
    const pauseMs = RetryPolicy.pauseMs(path, voter, attempt, answer)
    if (pauseMs === undefined) return outcome
    await pause(pauseMs)
  }
}
