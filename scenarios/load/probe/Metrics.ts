import { Counter, Registry } from 'prom-client'

import type { Outcome } from '../Outcome.ts'

/** The probe's metrics, in a registry of its own; the counters mean what k6's of the same name mean. */
export type Metrics = {
  registry: Registry
  /** One attempt was answered; status 0 where no answer came. */
  attempted(status: number): void
  /** A voter is done. */
  answered(outcome: Outcome): void
}

/** Registers everything that the probe tells. */
export function create(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const attempts = new Counter({
    name: 'ballotstorm_probe_ballots_attempts_total',
    help: 'Attempts with ballots, by HTTP status (0: no answer).',
    labelNames: ['status'],
    registers,
  })
  const answered = new Counter({
    name: 'ballotstorm_probe_ballots_answered_total',
    help: 'Ballots whose voter is done, by the outcome over all attempts.',
    labelNames: ['outcome'],
    registers,
  })
  return {
    registry,
    attempted: (status) => attempts.inc({ status: String(status) }),
    answered: (outcome) => answered.inc({ outcome }),
  }
}
