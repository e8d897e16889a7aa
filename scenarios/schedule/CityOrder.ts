import * as Permutation from '../population/Permutation.ts'
import * as PrefixSums from '../population/PrefixSums.ts'
import type { Roll } from '../population/Roll.ts'
import type { VoterOrder } from './VoterOrder.ts'

/**
 * Who votes when, over one poll or many at once: ballot *k* belongs to a poll and a voter, and both
 * lead back to *k*, without a table. The early parts of all rolls come first, in an order of their
 * own, then the late parts. Nobody votes twice in one poll, since nobody is on a roll twice.
 *
 * Memory: 16 bytes a poll beside the rolls, none a ballot.
 */
export type CityOrder = VoterOrder & {
  /** The ballot of a voter in a poll; undefined for those who stay at home. */
  ballotOf(poll: number, voterIndex: number): number | undefined
}

/**
 * The cast order of a seed.
 *
 * @param rolls - one for each poll, in the plan's order.
 */
export function create(seed: string, rolls: readonly Roll[]): CityOrder {
  const early = part(
    `${seed}/city-firing/early`,
    rolls.map(({ earlyCount }) => earlyCount),
  )
  const late = part(
    `${seed}/city-firing/late`,
    rolls.map(({ count, earlyCount }) => count - earlyCount),
  )
  const rollOf = (poll: number): Roll => {
    const roll = rolls[poll]
    if (roll === undefined) throw new RangeError(`There is no poll ${poll}.`)
    return roll
  }
  const at = (ballot: number): { poll: number; voterIndex: number } => {
    const isEarly = ballot < early.count
    const { poll, entry } = isEarly ? early.at(ballot) : late.at(ballot - early.count)
    const roll = rollOf(poll)
    return { poll, voterIndex: roll.voterAt(isEarly ? entry : entry + roll.earlyCount) }
  }
  const ballotOf = (poll: number, voterIndex: number): number | undefined => {
    const roll = rollOf(poll)
    const entry = roll.entryOf(voterIndex)
    if (entry === undefined) return undefined
    if (entry < roll.earlyCount) return early.positionOf(poll, entry)
    return early.count + late.positionOf(poll, entry - roll.earlyCount)
  }
  const ballotsOf = (voterIndex: number): number[] =>
    rolls
      .flatMap((_, poll) => ballotOf(poll, voterIndex) ?? [])
      .toSorted((left, right) => left - right)
  return {
    ballotCountMax: early.count + late.count,
    at,
    ballotOf,
    ballotsOf,
    nonceOf(ballot) {
      // With one poll, the common case, nobody has an earlier ballot.
      return rolls.length === 1 ? 0 : ballotsOf(at(ballot).voterIndex).indexOf(ballot)
    },
  }
}

/** The entries of all polls that belong to one part of the day, shuffled. */
type Part = {
  count: number
  at(position: number): { poll: number; entry: number }
  positionOf(poll: number, entry: number): number
}

function part(key: string, counts: readonly number[]): Part {
  const starts = PrefixSums.create(counts)
  const count = PrefixSums.totalOf(starts)
  const order = Permutation.create(key, Math.max(1, count))
  return {
    count,
    at(position) {
      const place = order.forward(position)
      const poll = PrefixSums.cellOf(starts, place)
      return { poll, entry: place - PrefixSums.startOf(starts, poll) }
    },
    positionOf: (poll, entry) => order.inverse(PrefixSums.startOf(starts, poll) + entry),
  }
}
