import * as Permutation from '../population/Permutation.ts'
import type { VoterOrder } from './VoterOrder.ts'

/**
 * Ballot *k* belongs to poll *k* mod *n*, and to the voter that the poll's own permutation names
 * next. Nobody votes twice in one poll: at most each voter once in each.
 *
 * @param electorateSize - 1 to 2^32.
 * @param pollIds - the polls in the plan's order.
 */
export function create(
  seed: string,
  electorateSize: number,
  pollIds: readonly number[],
): VoterOrder {
  const permutations = pollIds.map((pollId) =>
    Permutation.create(`${seed}/firing/${pollId}`, electorateSize),
  )
  const at = (ballot: number): { poll: number; voterIndex: number } => {
    const poll = ballot % permutations.length
    const permutation = permutations[poll]
    if (permutation === undefined) throw new RangeError(`There is no poll for ballot ${ballot}.`)
    return { poll, voterIndex: permutation.forward(Math.floor(ballot / permutations.length)) }
  }
  const ballotsOf = (voterIndex: number): number[] =>
    permutations
      .map((permutation, poll) => permutation.inverse(voterIndex) * permutations.length + poll)
      .toSorted((left, right) => left - right)
  return {
    ballotCountMax: electorateSize * permutations.length,
    at,
    ballotsOf,
    nonceOf(ballot) {
      // With one poll, the common case, nobody has an earlier ballot.
      return permutations.length === 1 ? 0 : ballotsOf(at(ballot).voterIndex).indexOf(ballot)
    },
  }
}
