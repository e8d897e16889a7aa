import type { Path } from '../ballots/Path.ts'

/** Where the ballots of a storm go. */
export type Targets = {
  path: Path
  /** `api`: base URLs of the voting API. `rpc`: JSON-RPC URLs of the nodes. */
  targets: readonly string[]
  /** Where only those voters turn whom the targets have failed; the same kind of URLs. */
  standbyTargets: readonly string[]
}

/**
 * The URL for an attempt with a ballot: the ballots spread over the targets, and each next attempt
 * goes to the next, those on standby included. Types are all it imports: k6 runs this file too.
 *
 * @param attempt - 1 and up.
 */
export function targetOf(
  { path, targets, standbyTargets }: Targets,
  { ballot, pollId }: { ballot: number; pollId: number },
  attempt: number,
): string {
  const place = ((ballot % targets.length) + attempt - 1) % (targets.length + standbyTargets.length)
  const target = targets[place] ?? standbyTargets[place - targets.length] ?? ''
  return path === 'rpc' ? target : `${target}/polls/${pollId}/ballots`
}
