import type { Objective, Run } from '../Run.ts'

/** The bounds that a scenario sets; one that is `undefined` is not judged. */
export type Limits = {
  /** From the intended instant to the accepting answer, 99th percentile in ms. */
  ackMsP99Max?: number | undefined
  /** From the intended instant to finality, 99th percentile in ms. */
  finalityMsP99Max?: number | undefined
  /** Share of the attempted ballots without an accepting answer, 0 to 1. */
  notOkShareMax?: number | undefined
}

/** What was measured against what was wanted; `met` is null where there was no sample. */
export function judge(limits: Limits, run: Pick<Run, 'counts' | 'latencyMs'>): Objective[] {
  const { counts, latencyMs } = run
  const notOkShare = counts.attempted === 0 ? null : (counts.fail + counts.info) / counts.attempted
  return [
    ...atMost('time to acknowledgement, p99', 'ms', limits.ackMsP99Max, latencyMs.ack.p99),
    ...atMost('time to finality, p99', 'ms', limits.finalityMsP99Max, latencyMs.finality.p99),
    ...atMost('share not acknowledged', 'share', limits.notOkShareMax, notOkShare),
  ]
}

function atMost(
  name: string,
  unit: string,
  limit: number | undefined,
  measured: number | null,
): Objective[] {
  if (limit === undefined) return []
  return [{ name, unit, limit, measured, met: measured === null ? null : measured <= limit }]
}
