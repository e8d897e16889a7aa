import type { City } from './City.ts'
import * as CityOf from './City.ts'
import * as Hash from './Hash.ts'
import * as Participation from './Participation.ts'
import * as Permutation from './Permutation.ts'
import * as PrefixSums from './PrefixSums.ts'
import { roundInTurn } from './roundInTurn.ts'
import * as Strata from './Strata.ts'

/**
 * Who takes part in one poll: a quota from each stratum, chosen by a permutation inside of it, so
 * that nobody is on the roll twice. Entries are numbered: first those who vote early, then those
 * who vote late, in both parts stratum after stratum. The cast order is `CityOrder`'s.
 *
 * Memory: about 100 KB with 300 strata once all of them have been asked for, none a ballot.
 */
export type Roll = {
  pollId: number
  /** Entries: the poll's participants. */
  count: number
  /** Entries before this one vote early. */
  earlyCount: number
  /** By stratum. */
  quotas: Float64Array
  /** The voter of an entry (0 to count − 1). */
  voterAt(entry: number): number
  /** A voter's entry; undefined for those who stay at home. */
  entryOf(voterIndex: number): number | undefined
  /** Leads from a stratum's participant (0 to quota − 1) to the number inside the stratum. */
  choiceIn(stratum: number): Permutation.Permutation
}

/**
 * The roll of a poll.
 *
 * @param pollId - another id gives another choice of voters.
 * @param participants - 0 to the city's size.
 */
export function create(
  city: City,
  { pollId, participants }: { pollId: number; participants: number },
): Roll {
  const { strata, seed, model } = city
  const shares = Participation.shares(strata, participants)
  const draw = Hash.create(seed, 'roll')
  const quotas = roundInTurn(
    strata.list.map(({ size }, index) => size * (shares[index] ?? 0)),
    {
      total: participants,
      start: Hash.toUniform(draw(pollId, 0)),
      caps: strata.list.map(({ size }) => size),
    },
  )
  const expectedEarly = strata.list.map(
    ({ activity }, index) => (quotas[index] ?? 0) * (model.activities[activity]?.earlyShare ?? 0),
  )
  const early = roundInTurn(expectedEarly, {
    total: Math.round(expectedEarly.reduce((sum, share) => sum + share, 0)),
    start: Hash.toUniform(draw(pollId, 1)),
    caps: quotas,
  })
  const late = quotas.map((quota, index) => quota - (early[index] ?? 0))
  // Cells: the early part of each stratum, then the late part of each.
  const starts = PrefixSums.create([...early, ...late])
  const earlyCount = PrefixSums.startOf(starts, early.length)

  const permutations = new Map<number, Permutation.Permutation>()
  const choiceIn = (stratum: number): Permutation.Permutation => {
    const known = permutations.get(stratum)
    if (known !== undefined) return known
    const { size } = Strata.at(strata, stratum)
    const made = Permutation.create(`${seed}/roll/${pollId}/${stratum}`, size)
    permutations.set(stratum, made)
    return made
  }
  return {
    pollId,
    count: participants,
    earlyCount,
    quotas,
    choiceIn,
    voterAt(entry) {
      const cell = PrefixSums.cellOf(starts, entry)
      const within = entry - PrefixSums.startOf(starts, cell)
      const stratum = cell % early.length
      const rank = cell < early.length ? within : within + (early[stratum] ?? 0)
      return CityOf.voterAt(city, stratum, choiceIn(stratum).forward(rank))
    },
    entryOf(voterIndex) {
      const { stratum, offset } = CityOf.placeOf(city, voterIndex)
      const rank = choiceIn(stratum).inverse(offset)
      const earlyHere = early[stratum] ?? 0
      if (rank >= (quotas[stratum] ?? 0)) return undefined
      if (rank < earlyHere) return PrefixSums.startOf(starts, stratum) + rank
      return PrefixSums.startOf(starts, early.length + stratum) + rank - earlyHere
    },
  }
}
