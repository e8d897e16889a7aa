import type { TSchema } from 'typebox'

/** What a user may say of the load in place of a storm's own figures. */
export type Overrides = {
  ratePerS?: number | undefined
  durationMs?: number | undefined
  /** Ballots of a day. */
  ballots?: number | undefined
  /** A day is played so many times faster. */
  compress?: number | undefined
}

/** A kind of load: when ballots come. */
export type Profile<Arrivals> = {
  /** With `kind` as a literal. */
  schema: TSchema
  /** What of {@link Overrides} has an effect on it; the rest is refused. */
  takes: readonly (keyof Overrides)[]
  /** What a user is told who says something else, after the storm's name. */
  told: string
  /** Ballots that come in all. */
  count(arrivals: Arrivals): number
  /** How long ballots come. */
  durationMs(arrivals: Arrivals): number
  /** The instants of all ballots, ms after the storm's start, ascending; as many as it counts. */
  instants(seed: string, arrivals: Arrivals): Iterable<number>
  /** The load as one sentence. */
  describe(arrivals: Arrivals): string
  /** @param voters - how many are enrolled. */
  override(arrivals: Arrivals, overrides: Overrides & { voters: number }): Arrivals
}
