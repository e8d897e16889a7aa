import * as Permutation from '../population/Permutation.ts'
import * as PrefixSums from '../population/PrefixSums.ts'
import type { VoterOrder } from './VoterOrder.ts'

/**
 * Who votes when, where each voter has the one poll of the building: all voters in one shuffled
 * order, whatever their building. Nobody is in two buildings, so nobody has a second ballot.
 *
 * Memory: 8 bytes a poll, none a ballot.
 *
 * @param sizes - voters of each building, in the plan's order of polls and the register's of voters.
 */
export function create(seed: string, sizes: readonly number[]): VoterOrder {
  const starts = PrefixSums.create(sizes)
  const voterCount = PrefixSums.totalOf(starts)
  const order = Permutation.create(`${seed}/building-firing`, voterCount)
  return {
    ballotCountMax: voterCount,
    at(ballot) {
      const voterIndex = order.forward(ballot)
      return { poll: PrefixSums.cellOf(starts, voterIndex), voterIndex }
    },
    nonceOf: () => 0,
    ballotsOf: (voterIndex) => [order.inverse(voterIndex)],
  }
}
