import { imbalances } from '../imbalances.ts'
import type { Criterion, Counts, Run } from '../Run.ts'
import { amount } from './amount.ts'

/** What the run itself is judged by. */
export type Evidence = {
  books: {
    counts: Counts
    /** Left the feeder, and of which no attempt was recorded. */
    silentCount: number
    /** What is wrong with the evidence itself. */
    problems: readonly string[]
  }
  criteria: Run['criteria']
  /** Of the database, `unknown` where it did not tell; null where the design has none. */
  walSyncs: number | 'unknown' | null
  /** Parts of the harness that ended before they were told to, by name. */
  harnessExits: readonly string[]
  interrupted: boolean
  objectives: readonly Criterion[]
}

/**
 * Judges the run before anybody judges the system by it. In this order: what leaves nothing to
 * judge by is INCONCLUSIVE; a generator that did not fire the plan, or did not read the answers, is
 * GENERATOR_BOUND; a machine
 * taken by others is INCONCLUSIVE, but only where something was missed, by an objective or by a
 * ballot that is still pending: less machine makes nothing better, so what was met in spite of it
 * stands.
 *
 * @returns all reasons, also those that another one outweighs; none where VALID.
 */
export function validity(evidence: Evidence): Run['validity'] {
  const unusable = [...whyUnusable(evidence), ...whyUnexplained(evidence)]
  const isMissed =
    evidence.objectives.some(({ met }) => met !== true) || evidence.books.counts.pending > 0
  const bound = whyGeneratorBound(evidence, isMissed)
  const taken = isMissed || bound.length > 0 ? whyTaken(evidence) : []
  const reasons = [...unusable, ...bound, ...taken]
  if (unusable.length > 0) return { value: 'INCONCLUSIVE', reasons }
  if (bound.length > 0) return { value: 'GENERATOR_BOUND', reasons }
  return { value: taken.length > 0 ? 'INCONCLUSIVE' : 'VALID', reasons }
}

function whyUnusable({ books, criteria, walSyncs, harnessExits, interrupted }: Evidence): string[] {
  const { planned, attempted, acknowledged } = books.counts
  const clock = criteria.clockDriftMsMax
  const reasons: [boolean, string][] = [
    [interrupted, 'The run was interrupted.'],
    [planned === 0, 'The plan holds no ballot.'],
    [planned > 0 && attempted === 0, 'Not one ballot was attempted.'],
    [attempted > 0 && acknowledged === 0, 'Not one ballot was acknowledged.'],
    [
      clock.met === false,
      `The wall clock moved by ${inMs(clock.measured)} against the monotonic clock within a minute (at most ${clock.limit} are tolerated).`,
    ],
    [walSyncs === 0, 'The database synced no log: what was acknowledged was not durable.'],
    [walSyncs === 'unknown', 'The database did not tell how often it synced its log.'],
  ]
  return [
    ...reasons.filter(([isSo]) => isSo).map(([, reason]) => reason),
    ...harnessExits.map((name) => `${name} ended before it was told to.`),
    ...books.problems.map((problem) => `The evidence is damaged: ${problem}.`),
    ...imbalances(books.counts).map((sentence) => `The books do not balance: ${sentence}.`),
  ]
}

/**
 * @param isMissed - whether the system is found wanting: one that answers slowly fills the generator's
 * open requests until no further ballot can leave, and then the unsent ones are its own fault.
 */
function whyGeneratorBound({ books, criteria }: Evidence, isMissed: boolean): string[] {
  const { planned, unsent } = books.counts
  const { unsentShare, lateMsP99, answerMsP99 } = criteria
  const reasons: string[] = []
  const isHeldUp = isMissed && probeOf(criteria) === 'slow'
  if (unsentShare.met === false && !isHeldUp) {
    reasons.push(
      `${unsent} ballots did not leave and ${books.silentCount} left without a recorded attempt, of ${planned} (at most ${unsentShare.limit * 100} % are tolerated).`,
    )
  }
  if (lateMsP99.met === false && answerMsP99.met !== false) {
    reasons.push(
      `Ballots left late (p99 ${inMs(lateMsP99.measured)}, at most ${lateMsP99.limit}), while the system answered in time (p99 ${inMs(answerMsP99.measured)}).`,
    )
  }
  if (answerMsP99.met === false && probeOf(criteria) === 'quick') {
    reasons.push(
      `k6 read the answers after ${inMs(answerMsP99.measured)} (p99, at most ${answerMsP99.limit}), the probe beside it after ${inMs(criteria.probeAnswerMsP99.measured)}: k6 was the slow one.`,
    )
  }
  return reasons
}

/** Whether the system was quick or slow as the probe saw it; undefined where it cannot tell. */
function probeOf({
  probeAnswerMsP99,
  probeLateMsP99,
}: Evidence['criteria']): 'quick' | 'slow' | undefined {
  if (probeLateMsP99.met !== true || probeAnswerMsP99.met === null) return undefined
  return probeAnswerMsP99.met ? 'quick' : 'slow'
}

/** Slow answers by the word of k6 alone: it may have been k6 that was slow in reading them. */
function whyUnexplained({ criteria }: Evidence): string[] {
  const { answerMsP99, probeAnswerMsP99, probeLateMsP99 } = criteria
  if (answerMsP99.met !== false || probeOf(criteria) !== undefined) return []
  const why =
    probeLateMsP99.met === false
      ? `was late itself (p99 ${inMs(probeLateMsP99.measured)})`
      : probeAnswerMsP99.met === null
        ? 'has too few answers'
        : 'says nothing of itself'
  return [
    `k6 read the answers after ${inMs(answerMsP99.measured)} (p99, at most ${answerMsP99.limit}), and the probe ${why}: nobody can tell whether the system or k6 was slow.`,
  ]
}

function whyTaken({ criteria }: Evidence): string[] {
  const takers = [
    ['A hypervisor', criteria.stealShare],
    ['Processes outside of the run', criteria.foreignCpuShare],
  ] as const
  return takers.flatMap(([name, { met, measured, limit }]) =>
    met === false
      ? [
          `${name} took ${amount(measured, 'share')} of the machine (at most ${amount(limit, 'share')} is tolerated).`,
        ]
      : [],
  )
}

function inMs(value: number | null): string {
  return amount(value, 'ms')
}
