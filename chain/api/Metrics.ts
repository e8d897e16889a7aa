import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

import type { Bound } from './boundConnections.ts'
import { REFUSALS, type Code } from './Refusal.ts'

/** The API's metric families, in a registry of their own. */
export type Metrics = {
  registry: Registry
  /** A 202; `isNew` is false where the same ballot had been stored before. */
  acknowledged(isNew: boolean): void
  /** A ballot that was answered with anything else. */
  refused(code: Code): void
  request(labels: { method: string; route: string; status: number }, durationS: number): void
  group(group: { ballots: number; durationS: number }): void
  /** A connection was closed as it came. */
  connectionRefused(bound: Bound): void
}

/** Read when somebody scrapes. */
export type Sources = {
  /** Ballots that wait to be stored. */
  queueDepth(): number
  /** Ballots that are in no included batch yet, and how many become final; `undefined` while unknown. */
  backlog(): { ballots: number; finalPerS: number } | undefined
}

const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const GROUP_BUCKETS_BALLOTS = [1, 2, 5, 10, 20, 50, 100, 200, 500]

/** Registers all families; every code of a refusal starts at 0, so that rates see the first one. */
export function create(sources: Sources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const acknowledged = new Counter({
    name: 'ballotstorm_api_ballots_acknowledged_total',
    help: 'Ballots answered with 202; kind is new, or repeat where the same ballot was stored before',
    labelNames: ['kind'],
    registers,
  })
  const refused = new Counter({
    name: 'ballotstorm_api_ballots_refused_total',
    help: 'Ballots answered with anything but 202, by the code of the answer',
    labelNames: ['code'],
    registers,
  })
  const request = new Histogram({
    name: 'ballotstorm_api_request_duration_seconds',
    help: 'From the request’s headers to the end of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS_S,
    registers,
  })
  const groupBallots = new Histogram({
    name: 'ballotstorm_api_group_ballots',
    help: 'Ballots in one commit',
    buckets: GROUP_BUCKETS_BALLOTS,
    registers,
  })
  const groupDuration = new Histogram({
    name: 'ballotstorm_api_group_commit_duration_seconds',
    help: 'From the start of a commit until all its ballots had their outcome, retries included',
    buckets: DURATION_BUCKETS_S,
    registers,
  })
  const connectionRefused = new Counter({
    name: 'ballotstorm_api_connections_refused_total',
    help: 'Connections closed as they came, by the bound: of all, or of one address',
    labelNames: ['bound'],
    registers,
  })
  registerGauges(sources, registers)
  for (const kind of ['new', 'repeat']) acknowledged.inc({ kind }, 0)
  for (const bound of ['all', 'address']) connectionRefused.inc({ bound }, 0)
  for (const code of Object.keys(REFUSALS)) refused.inc({ code }, 0)
  return {
    registry,
    acknowledged: (isNew) => acknowledged.inc({ kind: isNew ? 'new' : 'repeat' }),
    refused: (code) => refused.inc({ code }),
    request: (labels, durationS) => request.observe(labels, durationS),
    group({ ballots, durationS }) {
      groupBallots.observe(ballots)
      groupDuration.observe(durationS)
    },
    connectionRefused: (bound) => connectionRefused.inc({ bound }),
  }
}

function registerGauges(sources: Sources, registers: Registry[]): void {
  const gauges = {
    ballotstorm_api_queue_ballots: {
      help: 'Ballots that wait to be stored',
      read: () => sources.queueDepth(),
    },
    ballotstorm_api_backlog_ballots: {
      help: 'Stored ballots that are in no included batch; NaN while the database does not answer',
      read: () => sources.backlog()?.ballots,
    },
    ballotstorm_api_drain_ballots_per_second: {
      help: 'Ballots that became final a second, over the last 10 s; NaN while the database does not answer',
      read: () => sources.backlog()?.finalPerS,
    },
  }
  for (const [name, { help, read }] of Object.entries(gauges)) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => gauge.set(read() ?? Number.NaN),
    })
  }
}
