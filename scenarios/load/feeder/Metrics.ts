import { Counter, Gauge, Histogram, Registry } from 'prom-client'

import type { Feeder } from './Feeder.ts'

/** The feeder's metrics, in a registry of its own. */
export type Metrics = {
  registry: Registry
  /** One slice left. */
  handed(ballotCount: number, lateMs: number): void
}

/** From a slice on time until one that is hopelessly late, in seconds. */
const LATE_BUCKETS_SECONDS = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Registers everything that the feeder tells. */
export function create(feeder: Feeder): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const handed = new Counter({
    name: 'ballotstorm_feeder_ballots_handed_total',
    help: 'Ballots handed to the load generator.',
    registers,
  })
  const slices = new Counter({
    name: 'ballotstorm_feeder_slices_total',
    help: 'Slices handed to the load generator.',
    registers,
  })
  const late = new Histogram({
    name: 'ballotstorm_feeder_slice_late_seconds',
    help: 'How long after its first intended instant a slice left.',
    buckets: LATE_BUCKETS_SECONDS,
    registers,
  })
  const planned = new Gauge({
    name: 'ballotstorm_feeder_ballots_planned',
    help: 'Ballots in the plan.',
    registers,
  })
  planned.set(feeder.state().ballotCount)
  return {
    registry,
    handed(ballotCount, lateMs) {
      handed.inc(ballotCount)
      slices.inc()
      late.observe(lateMs / 1000)
    },
  }
}
