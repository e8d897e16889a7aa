import type { PollOnChain } from '../../../chain/contracts/deploy.ts'
import * as Poll from '../../../scenarios/ballots/Poll.ts'
import type { Times } from './Deployment.ts'

/** Polls with their times; there are as many as polls. */
export function withTimes<P>(polls: readonly P[], times: readonly Times[]): (P & Times)[] {
  return polls.map((poll, index) => {
    const found = times[index]
    if (found === undefined) throw new RangeError(`There are no times for poll number ${index}.`)
    return { ...poll, ...found }
  })
}

/** Polls whose times no contract holds: their digests are what the voters have signed. */
export function pollsAt(
  polls: readonly Poll.Poll[],
  registerCommitment: Buffer,
  times: readonly Times[],
): PollOnChain[] {
  const timeless = polls.map((poll) => ({
    pollId: poll.pollId,
    question: poll.question,
    options: poll.options,
    slice: poll.slice,
    pollDigest: `0x${Poll.digest(poll, registerCommitment).toString('hex')}`,
  }))
  return withTimes(timeless, times)
}
