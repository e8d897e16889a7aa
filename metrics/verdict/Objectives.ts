import type { Criterion, Run } from '../Run.ts'
import { atMost } from './criteria.ts'

/** The bounds that a scenario sets; one that is `undefined` is not judged. */
export type Limits = {
  /** From the intended instant to the accepting answer, 99th percentile in ms. */
  ackMsP99Max?: number | undefined
  /** From the intended instant to finality, 99th percentile in ms. */
  finalityMsP99Max?: number | undefined
  /** Share of the attempted ballots without an accepting answer, 0 to 1. */
  notAcknowledgedShareMax?: number | undefined
}

/** What was measured against what was wanted; `met` is null where there was no sample. */
export function judge(limits: Limits, run: Pick<Run, 'counts' | 'latencyMs'>): Criterion[] {
  const { counts, latencyMs } = run
  const notAcknowledgedShare =
    counts.attempted === 0 ? null : (counts.refused + counts.indeterminate) / counts.attempted
  const bounds = [
    ['time to acknowledgement, p99', 'ms', limits.ackMsP99Max, latencyMs.ack.p99],
    ['time to finality, p99', 'ms', limits.finalityMsP99Max, latencyMs.finality.p99],
    [
      'share of the voters without an acknowledgement',
      'share',
      limits.notAcknowledgedShareMax,
      notAcknowledgedShare,
    ],
  ] as const
  return bounds.flatMap(([name, unit, limit, measured]) =>
    limit === undefined ? [] : [atMost(name, unit, limit, measured)],
  )
}
