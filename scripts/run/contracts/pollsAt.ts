import type { PollOnChain } from '../../../chain/contracts/deploy.ts'
import * as Poll from '../../../scenarios/ballots/Poll.ts'
import type { Times } from './Installation.ts'

/** Polls whose times no contract holds: their digests are what the voters have signed. */
export function pollsAt(
  polls: readonly Poll.Poll[],
  registerCommitment: Buffer,
  times: readonly Times[],
): PollOnChain[] {
  return polls.map((poll, index) => ({
    pollId: poll.pollId,
    question: poll.question,
    options: poll.options,
    slice: poll.slice,
    pollDigest: `0x${Poll.digest(poll, registerCommitment).toString('hex')}`,
    ...timesAt(times, index),
  }))
}

/** The times of one poll; there are as many as polls. */
export function timesAt(times: readonly Times[], index: number): Times {
  const found = times[index]
  if (found === undefined) throw new RangeError(`There are no times for poll number ${index}.`)
  return found
}
