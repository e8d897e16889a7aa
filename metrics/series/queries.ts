import type { Arrival } from './Cumulative.ts'

/** A counter whose increase in each second is a series; every question to Prometheus stands here. */
export type Query = { name: string; unit: string; selector: string; arrival: Arrival }

/** Ballots whose voter was told so. Written by k6, and by the probe for the few that it casts. */
const answered = (outcome: string): string =>
  `{__name__=~"k6_ballots_answered_total|ballotstorm_probe_ballots_answered_total",outcome="${outcome}"}`

/** What is held against the run's own record; its charts are drawn from that. */
export const QUERIES: readonly Query[] = [
  {
    name: 'ballots_acknowledged',
    unit: 'ballots/s',
    selector: answered('acknowledged'),
    arrival: 'pushed',
  },
]

/** Counters whose last value must equal the count of the same name that the history gives. */
export const COUNTERS = {
  /** Lines of attempts in the history. */
  attempts: '{__name__=~"k6_ballots_attempts_total|ballotstorm_probe_ballots_attempts_total"}',
  acknowledged: answered('acknowledged'),
  refused: answered('refused'),
  indeterminate: answered('indeterminate'),
  /** Ballots that the witness wrote down as final. */
  final: 'ballotstorm_witness_ballots_final_total',
} as const

export type CounterName = keyof typeof COUNTERS
