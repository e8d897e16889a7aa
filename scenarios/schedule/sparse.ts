import { REGISTER_CHUNK_VOTERS } from '../ballots/Contract.ts'
import * as Hash from '../population/Hash.ts'
import type { CityOrder } from './CityOrder.ts'

/**
 * The ballots of a small register in an order in which they lie as far apart as those of a city's.
 * In a register of thousands of chunks hardly two ballots of a batch meet in one; in one of some
 * hundred they would, and gas would be lower than a city's. Here the ballots of each chunk come at
 * even distances over the whole storm, so that they meet in a batch only where it is as long as
 * there are chunks. Within a chunk the order stays: who votes early, votes early.
 *
 * Memory: 24 bytes a ballot that can be cast.
 */
export function sparse(dense: CityOrder, seed: string): CityOrder {
  const count = dense.ballotCountMax
  const chunks = Uint32Array.from({ length: count }, (_, ballot) =>
    Math.floor(dense.at(ballot).voterIndex / REGISTER_CHUNK_VOTERS),
  )
  const perChunk = new Map<number, number>()
  for (const chunk of chunks) perChunk.set(chunk, (perChunk.get(chunk) ?? 0) + 1)

  const phase = Hash.create(seed, 'spread')
  const ranks = new Map<number, number>()
  const places = Float64Array.from(chunks, (chunk) => {
    const rank = ranks.get(chunk) ?? 0
    ranks.set(chunk, rank + 1)
    return (rank + Hash.toUniform(phase(chunk, 0))) / (perChunk.get(chunk) ?? 1)
  })
  const order = Uint32Array.from({ length: count }, (_, ballot) => ballot)
  order.sort((one, other) => (places[one] ?? 0) - (places[other] ?? 0) || one - other)
  const positions = new Uint32Array(count)
  for (const [position, ballot] of order.entries()) positions[ballot] = position

  const positionOf = (ballot: number): number => positions[ballot] ?? ballot
  const at: CityOrder['at'] = (position) => dense.at(order[position] ?? position)
  const ballotsOf = (voterIndex: number): number[] =>
    dense
      .ballotsOf(voterIndex)
      .map(positionOf)
      .toSorted((one, other) => one - other)
  return {
    ballotCountMax: count,
    at,
    ballotOf(poll, voterIndex) {
      const ballot = dense.ballotOf(poll, voterIndex)
      return ballot === undefined ? undefined : positionOf(ballot)
    },
    ballotsOf,
    nonceOf: (position) => ballotsOf(at(position).voterIndex).indexOf(position),
  }
}
