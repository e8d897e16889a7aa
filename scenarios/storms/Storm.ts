import type * as Poll from '../ballots/Poll.ts'
import * as Buildings from '../population/Buildings.ts'
import * as Arrivals from '../schedule/Arrivals.ts'
import type { Plan } from '../schedule/Plan.ts'
import type { Overrides as LoadOverrides } from '../schedule/profiles/Profile.ts'
import * as PollText from '../population/PollText.ts'

/** A scenario: data only. Add one with a folder of its own, a README and a line in `storms.ts`. */
export type Storm = {
  /** As the command line and the folder say it. */
  name: string
  /** One sentence for help and report. */
  description: string
  /** What a run shall show. */
  goal: string
  /** The network where the user names none. */
  network: 'qbft' | 'anvil'
  /** Size of the electorate. */
  voters: number
  electorate: Electorate
  /** When ballots come; of a day made by `schedule/profiles/day.ts`. */
  arrivals: Arrivals.Arrivals
  polls: readonly PollKind[]
  /** How often, and how long, a voter tries. */
  voter: Plan['voter']
  objectives: Objectives
}

/** Who the voters are. */
export type Electorate =
  /** All are alike. */
  | { kind: 'uniform' }
  /** They live in buildings: each has a poll of its own, of the storm's first kind. */
  | { kind: 'buildings'; size: Buildings.Size }
  /** The people of a city model, by its name or file. */
  | {
      kind: 'city'
      city: string
      /** Whether ballots are to lie as far apart as the whole city's; see `schedule/sparse`. */
      isSparse: boolean
    }

/** A poll before it has its texts. */
export type PollKind = {
  locale: PollText.Locale
  /** 2 to 7. */
  optionCount: number
  /** Of a city's voters. @default as popular as the city's polls are, one after the other */
  participants?: number | undefined
  /** The share of a city's voters that takes part, 0 to 1, in place of their number. */
  turnout?: number | undefined
  /** The API accepts so long after the storm's end: time for the last voters' further attempts. */
  closesAfterStormMs: number
  /** Real time from closing to the last block that counts. */
  sealsAfterCloseMs: number
}

/** Bounds that a run must keep to pass. */
export type Objectives = {
  /** From the intended instant to the accepting answer, 99th percentile in ms. */
  ackMsP99Max: number
  /** From the intended instant to finality, 99th percentile in ms. */
  finalityMsP99Max: number
  /** Highest share of attempted ballots without an accepting answer, 0 to 1. */
  notAcknowledgedShareMax: number
}

/** What a user may say in place of a storm's own figures. */
export type Overrides = LoadOverrides & { voters?: number | undefined }

/**
 * The storm with a user's figures. A rate or duration replaces the stages by one; what is not given
 * of the two is the mean rate, or the whole length, of the stages.
 *
 * @param overrides - within `bounds.ts`; those for a day have no effect on stages, and the other way round.
 */
export function override(storm: Storm, overrides: Overrides): Storm {
  const voters = overrides.voters ?? storm.voters
  return { ...storm, voters, arrivals: Arrivals.override(storm.arrivals, { ...overrides, voters }) }
}

/** Why a storm cannot be fired, as sentences with the way out. */
export function problems({ arrivals, polls: { length: pollCount }, voters }: Storm): string[] {
  const ballotCount = Arrivals.count(arrivals)
  if (ballotCount <= voters * pollCount) return []
  const fewer =
    Arrivals.withoutEffect(arrivals, 'ballots') === undefined ? '--ballots' : '--rate or --duration'
  return [
    `${ballotCount} ballots are more than ${voters} voters can cast in ${pollCount} poll(s): raise --voters to ${Math.ceil(ballotCount / pollCount)} or more, or lower ${fewer}.`,
  ]
}

/** The polls of a storm under a seed, numbered from 1, with their texts and times. */
export function polls(storm: Storm, seed: string): Poll.Poll[] {
  const [first] = storm.polls
  const { electorate, voters } = storm
  if (electorate.kind === 'buildings' && first !== undefined) {
    return Buildings.create(seed, voters, electorate.size).map((slice, index) => ({
      pollId: index + 1,
      ...PollText.ofBuilding(seed, index, first.locale),
      slice,
      ...timesOf(storm, first),
    }))
  }
  return storm.polls.map((kind, index) => ({
    pollId: index + 1,
    ...PollText.create(seed, index, kind),
    ...timesOf(storm, kind),
  }))
}

function timesOf(
  storm: Storm,
  { closesAfterStormMs, sealsAfterCloseMs }: PollKind,
): Pick<Poll.Poll, 'closesAfterMs' | 'sealsAfterCloseMs'> {
  return {
    closesAfterMs: Arrivals.durationMs(storm.arrivals) + closesAfterStormMs,
    sealsAfterCloseMs,
  }
}
