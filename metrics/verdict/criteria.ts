import * as Limits from './limits.ts'

/** A bound, and what was measured against it. */
type Criterion = {
  name: string
  unit: string
  limit: number
  measured: number | null
  met: boolean | null
}

/** What was measured of a run; null where there was no sample. */
export type Measured = {
  planned: number
  unsent: number
  /** Left the feeder, and of which no attempt was recorded. */
  silent: number
  lateMsP99: number | null
  /** From the sending of a first attempt to its answer. */
  answerMsP99: number | null
  /** The same, of the ballots that the probe cast, and how late its own timers were. */
  probe: { answerMs: { p99: number | null; count: number }; timerLateMsP99: number | null }
  machine: { stealShare: number; foreignCpuShare: number; clockDriftMsMax: number }
  counterDeviation: number | null
}

/** Each bound within which a run can be believed, with what was measured against it. */
export function criteria(measured: Measured) {
  const { planned, unsent, silent, lateMsP99, answerMsP99, probe, machine, counterDeviation } =
    measured
  const notSent = planned === 0 ? null : (unsent + silent) / planned
  return {
    unsentShare: atMost('ballots not sent', 'share', Limits.UNSENT_SHARE_MAX, notSent),
    lateMsP99: atMost('sent late by, p99', 'ms', Limits.LATE_MS_P99_MAX, lateMsP99),
    answerMsP99: atMost('first answer within, p99', 'ms', Limits.ANSWER_MS_P99_MAX, answerMsP99),
    probeAnswerMsP99: atMost(
      'first answer within, p99, as the probe read it',
      'ms',
      Limits.ANSWER_MS_P99_MAX,
      probe.answerMs.count < Limits.PROBE_ANSWERS_MIN ? null : probe.answerMs.p99,
    ),
    probeLateMsP99: atMost(
      'timers of the probe late by, p99',
      'ms',
      Limits.LATE_MS_P99_MAX,
      probe.timerLateMsP99,
    ),
    clockDriftMsMax: atMost(
      'wall clock against monotonic clock, within a minute',
      'ms',
      Limits.CLOCK_DRIFT_MS_MAX,
      machine.clockDriftMsMax,
    ),
    stealShare: atMost(
      'CPU taken by a hypervisor',
      'share',
      Limits.STEAL_SHARE_MAX,
      machine.stealShare,
    ),
    foreignCpuShare: atMost(
      'CPU taken by other processes',
      'share',
      Limits.FOREIGN_CPU_SHARE_MAX,
      machine.foreignCpuShare,
    ),
    counterDeviation: atMost(
      'counters in Prometheus against the history',
      'share',
      Limits.COUNTER_DEVIATION_MAX,
      counterDeviation,
    ),
  }
}

/** A bound that is kept up to its limit, and unknown without a sample. */
export function atMost(
  name: string,
  unit: string,
  limit: number,
  measured: number | null,
): Criterion {
  return { name, unit, limit, measured, met: measured === null ? null : measured <= limit }
}
