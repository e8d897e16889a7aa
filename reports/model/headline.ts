import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'
import { breachCount, breaches } from './breaches.ts'

/** How the run stands: the colour of the page's head. */
export type Standing = 'pass' | 'fail' | 'unsure'

/** The first thing that anybody reads, and often the only one. */
export type Headline = {
  text: string
  standing: Standing
  /** One sentence that says what the verdict rests on. */
  sentence: string
  /** What the run says about switching the old system off: never a GO on a rehearsal's rig. */
  decision: string
  /** Set where the run was broken off: what the figures then cover. */
  partial: string | undefined
}

/** The headline of a run. Breaches of integrity come first, then the run's own validity. */
export function headline(run: Run): Headline {
  const standing = standingOf(run)
  return {
    text: `${run.interrupted ? 'Interrupted rehearsal' : 'Rehearsal'}: ${finding(run, standing)}`,
    standing,
    sentence: sentence(run, standing),
    decision: decision(run),
    partial: run.interrupted
      ? `The run was broken off. Every figure counts up to ${Format.instant(run.finishedAt)} only.`
      : undefined,
  }
}

function standingOf(run: Run): Standing {
  if (breachCount(run) > 0) return 'fail'
  if (run.interrupted || run.validity.value !== 'VALID') return 'unsure'
  if (run.verdict.value === 'PASS') return 'pass'
  return run.verdict.value === 'FAIL' ? 'fail' : 'unsure'
}

function finding(run: Run, standing: Standing): string {
  const found = breachCount(run)
  if (found > 0) {
    return `failed, the books do not balance (${Format.counted(found, 'finding')})`
  }
  if (run.interrupted) return 'no verdict, the run was broken off'
  if (run.validity.value === 'GENERATOR_BOUND') {
    return 'no verdict, the load generator was the bottleneck'
  }
  if (standing === 'pass') return `passed, every acknowledged ballot is final and as signed`
  const missed = run.objectives.filter(({ met }) => met === false).length
  if (standing === 'fail' && missed > 0) {
    return `failed, ${Format.counted(missed, 'objective')} missed`
  }
  return standing === 'fail' ? 'failed' : 'no verdict, the run is inconclusive'
}

function sentence(run: Run, standing: Standing): string {
  const { counts } = run
  const found = breaches(run).filter(({ count }) => count > 0)
  if (found.length > 0) {
    const kinds = found.map(({ name, count }) => `${name.toLowerCase()}: ${Format.count(count)}`)
    return `The record differs from what voters were told (${kinds.join(', ')}). No throughput makes up for that.`
  }
  if (breachCount(run) > 0) return 'The record differs from what voters were told.'
  if (run.validity.value === 'GENERATOR_BOUND') {
    return 'The harness could not offer the load that was planned, so its figures say nothing about the limits of the system.'
  }
  if (counts.attempted === 0) return 'Not one ballot was sent, so there is nothing to judge.'
  const time = run.latencyMs.finality.p99
  const pace = time === null ? '' : `, 99 of 100 within ${Format.durationMs(time)}`
  const carried = `Of ${Format.counted(counts.attempted, 'voter')} who tried, ${told(run)}; ${Format.counted(counts.final, 'ballot')} became final${pace}`
  if (standing === 'pass') {
    return `${carried}; none was lost, duplicated, altered or added.`
  }
  return `${carried}.`
}

/** What all who tried were told; those who were told nothing are among them. */
function told({ counts, refusals }: Run): string {
  const { attempted, acknowledged, refused, indeterminate } = counts
  if (acknowledged === attempted) return 'all were acknowledged'
  const share = (count: number): string =>
    `${Format.count(count)} (${Format.shareOf(count, attempted)})`
  return [
    `${share(acknowledged)} were acknowledged`,
    ...(refused === 0 ? [] : [`${share(refused)} refused${reasonsOf(refusals)}`]),
    ...(indeterminate === 0 ? [] : [`${share(indeterminate)} without a definite answer`]),
  ].join(', ')
}

/** The reasons that a sentence can hold; the report lists all. */
const REASONS_MAX = 3

function reasonsOf(refusals: Run['refusals']): string {
  if (refusals.length === 0) return ''
  const named = refusals.slice(0, REASONS_MAX)
  const words = named.map(({ reason, count }) => `${reason} ${Format.count(count)}`)
  const rest = refusals.length - named.length
  return `, by ${[...words, ...(rest > 0 ? [`${rest} more`] : [])].join(', ')}`
}

function decision({ network }: Run): string {
  return `${placeOf(network)}, so this is a rehearsal: whatever the figures, it cannot be a GO for switching the old system off.`
}

function placeOf(network: Run['network']): string {
  if (network === null) return 'The system ran on the machine of the harness'
  return network.kind === 'external'
    ? 'This network was not declared the production candidate'
    : 'The network was embedded on the machine of the harness'
}
