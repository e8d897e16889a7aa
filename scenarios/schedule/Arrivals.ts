import { Type, type Static } from 'typebox'

import { day } from './profiles/day.ts'
import type { Overrides, Profile } from './profiles/Profile.ts'
import { stages } from './profiles/stages.ts'

/** The kinds of load. Another one is a file in `profiles/` and a line here. */
const PROFILES = { stages, day }

type Profiles = typeof PROFILES

/** When ballots come. */
export type Arrivals = {
  [Kind in keyof Profiles]: Static<Profiles[Kind]['schema']>
}[keyof Profiles]

export const Schema = Type.Unsafe<Arrivals>(
  Type.Union(Object.values(PROFILES).map(({ schema }) => schema)),
)

function profileOf({ kind }: Arrivals): Profile<Arrivals> {
  return PROFILES[kind]
}

/** Ballots that come in all. */
export function count(arrivals: Arrivals): number {
  return profileOf(arrivals).count(arrivals)
}

/** How long ballots come. */
export function durationMs(arrivals: Arrivals): number {
  return profileOf(arrivals).durationMs(arrivals)
}

/**
 * The instants of all ballots, ms after the storm's start, ascending.
 *
 * @throws {UnknownCityError} {@link MalformedCityError} of `cities`.
 */
export function instants(seed: string, arrivals: Arrivals): Iterable<number> {
  return profileOf(arrivals).instants(seed, arrivals)
}

/**
 * The load as one sentence, for example `17/s for 60 s, 50/s for 30 s`. A day that was played faster,
 * or with a part of the city, says so wherever the load is named.
 */
export function describe(arrivals: Arrivals): string {
  return profileOf(arrivals).describe(arrivals)
}

/** Why what a user says of the load would change nothing, after the storm's name; undefined where it has an effect. */
export function withoutEffect(arrivals: Arrivals, figure: keyof Overrides): string | undefined {
  const { takes, told } = profileOf(arrivals)
  return takes.includes(figure) ? undefined : told
}

/** The load with a user's figures. */
export function override(arrivals: Arrivals, overrides: Overrides & { voters: number }): Arrivals {
  return profileOf(arrivals).override(arrivals, overrides)
}
