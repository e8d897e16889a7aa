import { imbalances } from '../books/Counts.ts'
import type { Books } from '../books/reconcile.ts'
import type { Objective, Run } from '../Run.ts'

/** What the run itself is judged by. */
export type Evidence = {
  books: Pick<Books, 'counts' | 'silentCount' | 'lateMs' | 'answerMs' | 'problems'>
  machine: Pick<Run['machine'], 'stealShare' | 'foreignCpuShare' | 'clockStepMsMax'>
  /** Of the database, `unknown` where it did not tell; null where the design has none. */
  walSyncs: number | 'unknown' | null
  /** Processes that ended before they were told to, by name. */
  died: readonly string[]
  interrupted: boolean
  objectives: readonly Objective[]
}

/** More than one ballot in a thousand that did not leave: the storm was not the planned one. */
export const UNSENT_SHARE_MAX = 0.001

/** Sends later than a quarter of a second are no longer the plan's arrival curve. */
export const LATE_MS_P99_MAX = 250

/**
 * A system that answers 99 of 100 ballots within a second does not hold up the generator. One that
 * takes longer fills the generator's open requests, and may itself be why sends are late; latency
 * runs from the intended instant, so that nothing is hidden then.
 */
export const ANSWER_MS_P99_MAX = 1000

/** Ten times what time synchronisation slews in a minute, and small against every objective. */
export const CLOCK_STEP_MS_MAX = 50

/** One second in twenty that a hypervisor took is one that no process of ours could use. */
export const STEAL_SHARE_MAX = 0.05

/** A fifth of one of two cores. */
export const FOREIGN_CPU_SHARE_MAX = 0.1

/**
 * Judges the run before anybody judges the system by it. In this order: what leaves nothing to
 * judge by is INCONCLUSIVE; a generator that did not fire the plan is GENERATOR_BOUND; a machine
 * taken by others is INCONCLUSIVE, but only where something was missed: less machine makes nothing
 * better, so what was met in spite of it stands.
 *
 * @returns all reasons, also those that another one outweighs; none where VALID.
 */
export function validity(evidence: Evidence): Run['validity'] {
  const unusable = whyUnusable(evidence)
  const bound = whyGeneratorBound(evidence)
  const isMissed = evidence.objectives.some(({ met }) => met !== true)
  const taken = isMissed || bound.length > 0 ? whyTaken(evidence) : []
  const reasons = [...unusable, ...bound, ...taken]
  if (unusable.length > 0) return { value: 'INCONCLUSIVE', reasons }
  if (bound.length > 0) return { value: 'GENERATOR_BOUND', reasons }
  return { value: taken.length > 0 ? 'INCONCLUSIVE' : 'VALID', reasons }
}

function whyUnusable({ books, machine, walSyncs, died, interrupted }: Evidence): string[] {
  const { planned, attempted, ok } = books.counts
  const reasons: [boolean, string][] = [
    [interrupted, 'The run was interrupted.'],
    [planned === 0, 'The plan holds no ballot.'],
    [planned > 0 && attempted === 0, 'Not one ballot was attempted.'],
    [attempted > 0 && ok === 0, 'Not one ballot was acknowledged.'],
    [
      machine.clockStepMsMax > CLOCK_STEP_MS_MAX,
      `The wall clock stepped by ${machine.clockStepMsMax.toFixed(0)} ms (at most ${CLOCK_STEP_MS_MAX} are tolerated).`,
    ],
    [walSyncs === 0, 'The database synced no log: what was acknowledged was not durable.'],
    [walSyncs === 'unknown', 'The database did not tell how often it synced its log.'],
  ]
  return [
    ...reasons.filter(([isSo]) => isSo).map(([, reason]) => reason),
    ...died.map((name) => `${name} ended before it was told to.`),
    ...books.problems.map((problem) => `The evidence is damaged: ${problem}.`),
    ...imbalances(books.counts).map((sentence) => `The books do not balance: ${sentence}.`),
  ]
}

function whyGeneratorBound({ books }: Evidence): string[] {
  const { planned, unsent } = books.counts
  const reasons: string[] = []
  const notSent = unsent + books.silentCount
  if (planned > 0 && notSent / planned > UNSENT_SHARE_MAX) {
    reasons.push(
      `${unsent} ballots did not leave and ${books.silentCount} left without a recorded attempt, of ${planned} (at most ${UNSENT_SHARE_MAX * 100} % are tolerated).`,
    )
  }
  const lateMs = books.lateMs.p99 ?? 0
  const answeredMs = books.answerMs.p99 ?? 0
  if (lateMs > LATE_MS_P99_MAX && answeredMs <= ANSWER_MS_P99_MAX) {
    reasons.push(
      `Ballots left late (p99 ${lateMs} ms, at most ${LATE_MS_P99_MAX}), while the system answered in time (p99 ${answeredMs} ms).`,
    )
  }
  return reasons
}

function whyTaken({ machine }: Evidence): string[] {
  const { stealShare, foreignCpuShare } = machine
  const reasons: string[] = []
  if (stealShare > STEAL_SHARE_MAX) {
    reasons.push(
      `A hypervisor took ${percent(stealShare)} of the machine (at most ${percent(STEAL_SHARE_MAX)} is tolerated).`,
    )
  }
  if (foreignCpuShare > FOREIGN_CPU_SHARE_MAX) {
    reasons.push(
      `Processes outside of the run took ${percent(foreignCpuShare)} of the machine (at most ${percent(FOREIGN_CPU_SHARE_MAX)} is tolerated).`,
    )
  }
  return reasons
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
