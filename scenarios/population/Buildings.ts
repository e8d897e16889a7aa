import { apportion } from './apportion.ts'
import * as Prng from './Prng.ts'

/** How many voters live in a building: from `votersMin` to `votersMax`, both included. */
export type Size = { votersMin: number; votersMax: number }

/** A building's voters: `voterCount` neighbours in the register, from `firstVoter` on. */
export type Building = { firstVoter: number; voterCount: number }

/**
 * The buildings in which the voters of a register live, door to door: each voter in one of them, as
 * many buildings as there are at the mean size. Fewer voters than a building must have are one.
 *
 * @param voters - 1 to 2^32.
 */
export function create(seed: string, voters: number, size: Size): Building[] {
  const { votersMin, votersMax } = size
  const mean = (votersMin + votersMax) / 2
  const count = Math.max(1, Math.min(Math.round(voters / mean), Math.floor(voters / votersMin)))
  const draw = Prng.create(seed, 'buildings')
  const least = Math.min(votersMin, Math.floor(voters / count))
  const weights = Array.from({ length: count }, () => draw())
  // What is above the least size is dealt by chance, never more than makes the largest building.
  const caps = weights.map(() => Math.max(votersMax, Math.ceil(voters / count)) - least)
  let firstVoter = 0
  return Array.from(apportion(voters - count * least, weights, caps), (above) => {
    const building = { firstVoter, voterCount: least + above }
    firstVoter += building.voterCount
    return building
  })
}
