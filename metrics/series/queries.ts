import type { Arrival } from './Cumulative.ts'

/** What the report's series are made of: every question that is put to Prometheus stands here. */
export type Query =
  | { kind: 'counter'; name: string; unit: string; selector: string; arrival: Arrival }
  | { kind: 'expression'; name: string; unit: string; expression: string; factor?: number }

/** Ballots whose voter was told so. Written by k6, and by the probe for the few that it casts. */
const answered = (outcome: string): string =>
  `{__name__=~"(k6|ballotstorm_probe)_ballots_answered_total",outcome="${outcome}"}`

/** The series of the report, by the names that its charts look for. */
export const QUERIES: readonly Query[] = [
  {
    kind: 'counter',
    name: 'ballots_acknowledged',
    unit: 'ballots/s',
    selector: 'k6_ballots_answered_total{outcome="acknowledged"}',
    arrival: 'pushed',
  },
  {
    kind: 'counter',
    name: 'ballots_included',
    unit: 'ballots/s',
    selector: 'ballotstorm_witness_ballots_included_total',
    arrival: 'scraped',
  },
  {
    kind: 'counter',
    name: 'ballots_final',
    unit: 'ballots/s',
    selector: 'ballotstorm_witness_ballots_final_total',
    arrival: 'scraped',
  },
  {
    kind: 'expression',
    name: 'block_ballots',
    unit: 'ballots',
    expression:
      'rate(ballotstorm_witness_ballots_included_total[5s]) / (rate(ballotstorm_witness_blocks_total[5s]) > 0)',
  },
  {
    kind: 'expression',
    name: 'block_gas',
    unit: 'gas',
    expression:
      'rate(ballotstorm_witness_gas_used_total[5s]) / (rate(ballotstorm_witness_blocks_total[5s]) > 0)',
  },
  {
    kind: 'expression',
    name: 'ack_latency_p50',
    unit: 'ms',
    expression: 'histogram_quantile(0.5, sum(rate(k6_ballot_ack_duration_seconds[5s])))',
    factor: 1000,
  },
  {
    kind: 'expression',
    name: 'ack_latency_p99',
    unit: 'ms',
    expression: 'histogram_quantile(0.99, sum(rate(k6_ballot_ack_duration_seconds[5s])))',
    factor: 1000,
  },
]

/** Counters whose last value must equal the count of the same name that the history gives. */
export const COUNTERS = {
  /** Lines of attempts in the history. */
  attempts: '{__name__=~"(k6|ballotstorm_probe)_ballots_attempts_total"}',
  acknowledged: answered('acknowledged'),
  refused: answered('refused'),
  indeterminate: answered('indeterminate'),
  /** Ballots that the witness wrote down as final. */
  final: 'ballotstorm_witness_ballots_final_total',
} as const

export type CounterName = keyof typeof COUNTERS
