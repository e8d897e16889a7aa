import type { Objective, Run } from '../Run.ts'

/** The bounds that a scenario may set. All of them are upper bounds but the last. */
export type Limits = {
  ackMsP99?: number | undefined
  finalityMsP99?: number | undefined
  /** Share of the attempted ballots that may be refused or unanswered, 0 to 1. */
  notAcknowledgedShare?: number | undefined
  /** Final ballots a second over the storm window, at least. */
  finalPerS?: number | undefined
}

/** What was measured against what was wanted; `met` is null where there was no sample. */
export function judge(
  limits: Limits,
  run: Pick<Run, 'counts' | 'latencyMs' | 'rates'>,
): Objective[] {
  const { counts, latencyMs, rates } = run
  const refused = counts.attempted === 0 ? null : (counts.fail + counts.info) / counts.attempted
  const finalPerS = counts.attempted === 0 ? null : rates.finalPerS
  const { ack, finality } = latencyMs
  return [
    ...atMost('time to acknowledgement, p99', 'ms', limits.ackMsP99, ack.p99),
    ...atMost('time to finality, p99', 'ms', limits.finalityMsP99, finality.p99),
    ...atMost('share not acknowledged', '', limits.notAcknowledgedShare, refused),
    ...atLeast('final ballots', '1/s', limits.finalPerS, finalPerS),
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

function atLeast(
  name: string,
  unit: string,
  limit: number | undefined,
  measured: number | null,
): Objective[] {
  if (limit === undefined) return []
  return [{ name, unit, limit, measured, met: measured === null ? null : measured >= limit }]
}
