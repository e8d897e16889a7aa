import { Counter, Gauge, Registry } from 'prom-client'

import type { Resender } from './Resender.ts'

/** The resender's metrics, in a registry of its own. */
export type Metrics = {
  registry: Registry
  /** One transaction was sent once more. */
  resent(status: number): void
}

/** Registers everything that the resender tells. */
export function create(counts: Resender['counts']): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const resent = new Counter({
    name: 'ballotstorm_resender_resends_total',
    help: 'Transactions sent once more, by HTTP status (0: no answer).',
    labelNames: ['status'],
    registers,
  })
  const ballots = new Gauge({
    name: 'ballotstorm_resender_ballots',
    help: 'Acknowledged ballots by where they stand.',
    labelNames: ['state'],
    registers,
    collect: () => {
      const { missing, mined, givenUp } = counts()
      ballots.set({ state: 'missing' }, missing)
      ballots.set({ state: 'mined' }, mined)
      ballots.set({ state: 'given_up' }, givenUp)
    },
  })
  return { registry, resent: (status) => resent.inc({ status: String(status) }) }
}
