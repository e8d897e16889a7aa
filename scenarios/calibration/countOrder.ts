import type { City } from '../population/City.ts'
import * as CityOrder from '../schedule/CityOrder.ts'
import * as Roll from '../population/Roll.ts'

/** What following single ballots to their voters, and back, found. */
export type OrderCount = {
  /** Ballots followed. */
  enumerated: number
  /** Ballots whose voter has another one in the same poll. */
  repeatedCount: number
  /** Ballots whose voter did not lead back to them. */
  lostCount: number
}

/** A cast order as far as it can be followed: the real one, or a mutant of it. */
export type Followed = Pick<CityOrder.CityOrder, 'ballotCountMax' | 'at' | 'ballotOf'>

/**
 * Follows each ballot of one cast order. A bit a voter and poll.
 *
 * @param size - voters of the city.
 */
export function followOrder(order: Followed, size: number): OrderCount {
  const seen = new Map<number, Uint8Array>()
  let [repeatedCount, lostCount] = [0, 0]
  for (let ballot = 0; ballot < order.ballotCountMax; ballot += 1) {
    const { poll, voterIndex } = order.at(ballot)
    if (order.ballotOf(poll, voterIndex) !== ballot) lostCount += 1
    const voters = seen.get(poll) ?? new Uint8Array(Math.ceil(size / 8))
    seen.set(poll, voters)
    const [byte, bit] = [voterIndex >>> 3, 1 << (voterIndex & 7)]
    if (((voters[byte] ?? 0) & bit) !== 0) repeatedCount += 1
    voters[byte] = (voters[byte] ?? 0) | bit
  }
  return { enumerated: order.ballotCountMax, repeatedCount, lostCount }
}

/** Polls that are fired side by side at a time. */
const POLLS_AT_ONCE = 2

/**
 * Follows the ballots of polls, two polls at a time side by side, until `ballotsMin` are done or the
 * polls are through.
 *
 * @param polls - index and participants.
 */
export function countOrder(
  city: City,
  polls: readonly { poll: number; participants: number }[],
  ballotsMin: number,
): OrderCount {
  const total: OrderCount = { enumerated: 0, repeatedCount: 0, lostCount: 0 }
  for (
    let first = 0;
    first < polls.length && total.enumerated < ballotsMin;
    first += POLLS_AT_ONCE
  ) {
    const rolls = polls
      .slice(first, first + POLLS_AT_ONCE)
      .map(({ poll, participants }) => Roll.create(city, { pollId: poll + 1, participants }))
    const count = followOrder(CityOrder.create(city.seed, rolls), city.size)
    total.enumerated += count.enumerated
    total.repeatedCount += count.repeatedCount
    total.lostCount += count.lostCount
  }
  return total
}
