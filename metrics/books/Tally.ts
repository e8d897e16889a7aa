import type { Finding } from '../Run.ts'

/**
 * Holds the result as the system publishes it (a contract's tally, a database's, an API's) against
 * our count of final ballots, option by option.
 *
 * @param tally - as it was published after sealing.
 * @param recount - from the observations.
 * @returns the breach, `undefined` where both agree.
 */
export function compare(
  pollId: number,
  tally: readonly number[],
  recount: readonly number[],
): Finding | undefined {
  const options = Math.max(tally.length, recount.length)
  const differing = Array.from({ length: options }, (_, option) => option).filter(
    (option) => (tally[option] ?? 0) !== (recount[option] ?? 0),
  )
  if (differing.length === 0) return undefined
  const named = differing.map(
    (option) => `option ${option} ${tally[option] ?? 0} against ${recount[option] ?? 0}`,
  )
  return {
    kind: 'tallyMismatch',
    pollId,
    message: `The published tally of poll ${pollId} is not the recount: ${named.join(', ')}.`,
    evidence: { tally: tally.join(','), recount: recount.join(',') },
  }
}
