import * as Permutation from '../population/Permutation.ts'

/**
 * Who votes when: ballot *k* belongs to poll *k* mod *n*, and to the voter that the poll's own
 * permutation names next. Nobody votes twice in one poll, and no table says so.
 */
export type Firing = {
  /** The most ballots there can be: each voter once in each poll. */
  ballotCountMax: number
  /** @param ballot - 0 to {@link Firing.ballotCountMax} − 1. */
  at(ballot: number): { poll: number; voterIndex: number }
  /** Earlier ballots of ballot `ballot`'s voter: the nonce of the voter's own transaction. */
  nonceOf(ballot: number): number
  /** All ballots of a voter in firing order; at index *n* the one with nonce *n*. */
  ballotsOf(voterIndex: number): number[]
}

/**
 * The firing order of a seed.
 *
 * @param electorateSize - 1 to 2^32.
 * @param pollIds - the polls in the plan's order.
 */
export function create(seed: string, electorateSize: number, pollIds: readonly number[]): Firing {
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
