import { BallotstormError } from '../runtime/BallotstormError.ts'
import type * as Poll from '../ballots/Poll.ts'
import * as Buildings from '../population/Buildings.ts'
import * as cities from '../cities/cities.ts'
import * as Arrivals from '../schedule/Arrivals.ts'
import type { Plan } from '../schedule/Plan.ts'
import * as DayCurve from '../population/DayCurve.ts'
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
  /** When ballots come; of a day made by {@link dayOf}. */
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
export type Overrides = {
  voters?: number | undefined
  ratePerS?: number | undefined
  durationMs?: number | undefined
  /** Ballots of a day. */
  ballots?: number | undefined
  /** A day is played so many times faster. */
  compress?: number | undefined
}

/** Bounds of what is sensible in one run; the wire formats hold 2^32 voters. */
const VOTERS_MAX = 2 ** 32
const RATE_PER_S_MAX = 100_000
const DURATION_MS_MAX = 7 * 86_400_000
/** A day in less than a second is no day. */
const COMPRESS_MAX = 100_000

/**
 * The storm with a user's figures. A rate or duration replaces the stages by one; what is not given
 * of the two is the mean rate, or the whole length, of the stages.
 *
 * @throws {OverrideError} with all problems at once.
 */
export function override(storm: Storm, overrides: Overrides): Storm {
  const problems = [...rangeProblems(overrides), ...dayProblems(storm, overrides)]
  const voters = overrides.voters ?? storm.voters
  const changed: Storm = { ...storm, voters, arrivals: arrivalsOf(storm, voters, overrides) }
  if (problems.length === 0) problems.push(...countProblems(changed))
  if (problems.length > 0) throw new OverrideError(storm.name, problems)
  return changed
}

function arrivalsOf(
  { arrivals }: Storm,
  voters: number,
  { ballots, compress, ratePerS, durationMs }: Overrides,
): Arrivals.Arrivals {
  if (arrivals.kind === 'day') {
    return dayOf({
      city: arrivals.city,
      voters,
      ballots: ballots ?? arrivals.ballotCount,
      compress: compress ?? arrivals.compress,
    })
  }
  if (ratePerS === undefined && durationMs === undefined) return arrivals
  const wholeMs = Arrivals.durationMs(arrivals)
  const meanPerS = wholeMs === 0 ? 0 : (Arrivals.count(arrivals) * 1000) / wholeMs
  const stage = { ratePerS: ratePerS ?? meanPerS, durationMs: durationMs ?? wholeMs }
  return { kind: 'stages', stages: [stage] }
}

/**
 * A city's day as the load of a storm: the instants follow its curve.
 *
 * @param voters - how many are enrolled; where the city has more, the load says so.
 * @param ballots - how many of the day's ballots are fired.
 * @param compress - the day is played so many times faster; 1 to 100,000.
 */
export function dayOf({
  city,
  voters,
  ballots,
  compress,
}: {
  city: string
  voters: number
  ballots: number
  compress: number
}): Arrivals.Day {
  const model = cities.read(city)
  const curve = DayCurve.create(model.day)
  return {
    kind: 'day',
    city,
    compress,
    ballotCount: Math.round(ballots),
    durationMs: Math.round(curve.durationMs / compress),
    ...(voters < model.registered && { enrolled: { voters, of: model.registered } }),
  }
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

function rangeProblems({ voters, ratePerS, durationMs }: Overrides): string[] {
  const problems: string[] = []
  if (voters !== undefined && !isIntegerWithin(voters, 1, VOTERS_MAX)) {
    problems.push(`--voters must be a whole number from 1 to ${VOTERS_MAX}, not ${voters}.`)
  }
  if (ratePerS !== undefined && !(ratePerS >= 0 && ratePerS <= RATE_PER_S_MAX)) {
    problems.push(`--rate must be from 0 to ${RATE_PER_S_MAX} ballots a second, not ${ratePerS}.`)
  }
  if (durationMs !== undefined && !isIntegerWithin(durationMs, 0, DURATION_MS_MAX)) {
    problems.push(
      `--duration must be whole ms from 0 to ${DURATION_MS_MAX} (7 d), not ${durationMs}.`,
    )
  }
  return problems
}

function dayProblems(storm: Storm, overrides: Overrides): string[] {
  const { ballots, compress, ratePerS, durationMs } = overrides
  if (storm.arrivals.kind !== 'day') {
    const isGiven = ballots !== undefined || compress !== undefined
    return isGiven
      ? [`--ballots and --compress go with a scenario of a day; ${storm.name} is none.`]
      : []
  }
  const problems: string[] = []
  if (ratePerS !== undefined || durationMs !== undefined) {
    problems.push('--rate and --duration have no say over a day: take --ballots and --compress.')
  }
  if (compress !== undefined && !(compress >= 1 && compress <= COMPRESS_MAX)) {
    problems.push(`--compress must be from 1 to ${COMPRESS_MAX}, not ${compress}.`)
  }
  if (ballots !== undefined && !isIntegerWithin(ballots, 1, VOTERS_MAX)) {
    problems.push(`--ballots must be a whole number from 1 to ${VOTERS_MAX}, not ${ballots}.`)
  }
  return problems
}

function countProblems(storm: Storm): string[] {
  const ballotCount = Arrivals.count(storm.arrivals)
  const ballotCountMax = storm.voters * storm.polls.length
  if (ballotCount <= ballotCountMax) return []
  const votersMin = Math.ceil(ballotCount / storm.polls.length)
  return [
    `${ballotCount} ballots are more than ${storm.voters} voters can cast in ${storm.polls.length} poll(s): raise --voters to ${votersMin} or more, or lower --rate or --duration.`,
  ]
}

function isIntegerWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}

/** Options contradict a scenario; all such at once. */
export class OverrideError extends BallotstormError {
  override readonly name = 'Storm.OverrideError'
  readonly code = 'STORM_OVERRIDE'
  readonly exitCode = 104
  readonly remedy = 'Change the options that are named, or take another scenario.'
  readonly problems: readonly string[]
  constructor(name: string, problems: readonly string[]) {
    super(`The scenario ${name} cannot run so:\n${problems.join('\n')}`)
    this.problems = problems
  }
}
