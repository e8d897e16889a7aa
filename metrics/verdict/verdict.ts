import type { Criterion, Run } from '../Run.ts'
import { amount } from './amount.ts'

export type Inputs = {
  counts: Pick<Run['counts'], 'pending'>
  /** Breaches of integrity, those of tally and nodes included. */
  findings: { count: number }
  /** Parts of the system under test that ended without being told to. */
  systemExits: readonly string[]
  objectives: readonly Criterion[]
  validity: Run['validity']
}

/**
 * Judges the system. A breach of integrity is FAIL in whatever run it shows, and so is a part of the
 * system that fell under the load; else only a VALID run
 * can PASS or FAIL. An acknowledged ballot that is neither final nor lost at the deadline is never
 * a PASS: the system had the drain's time and did not use it. An objective without a sample is not
 * met, but unknown.
 */
export function verdict(inputs: Inputs): Run['verdict'] {
  const { counts, findings, objectives, validity } = inputs
  const broken = inputs.systemExits.map((part) => `${part} ended by itself.`)
  if (findings.count > 0) {
    broken.unshift(`The books name ${findings.count} breach(es) of integrity.`)
  }
  if (broken.length > 0) return { value: 'FAIL', reasons: broken }
  if (validity.value !== 'VALID') {
    return {
      value: 'INCONCLUSIVE',
      reasons: [`The run is ${validity.value}.`, ...validity.reasons],
    }
  }
  const missed = objectives.filter(({ met }) => met === false).map(missedReason)
  if (counts.pending > 0) {
    missed.push(`${counts.pending} acknowledged ballot(s) were not final when the drain ended.`)
  }
  if (missed.length > 0) return { value: 'FAIL', reasons: missed }
  const unknown = objectives
    .filter(({ met }) => met === null)
    .map(({ name }) => `There is no sample to judge ${name} by.`)
  return { value: unknown.length > 0 ? 'INCONCLUSIVE' : 'PASS', reasons: unknown }
}

function missedReason({ name, measured, limit, unit }: Criterion): string {
  return `The ${name} is ${amount(measured, unit)}, the objective is ${amount(limit, unit)}.`
}
