import { Type } from 'typebox'
import { Value } from 'typebox/value'

import { criteria } from './verdict/criteria.ts'

const Amount = Type.Union([Type.Number(), Type.Null()])

/** What the conversion reads of a record of schema 1; what else it holds is the same in schema 2. */
const Schema1 = Type.Object({
  schema: Type.Literal('ballotstorm/run/1'),
  network: Type.Object({ kind: Type.String() }),
  counts: Type.Object({
    planned: Type.Number(),
    unsent: Type.Number(),
    ok: Type.Number(),
    fail: Type.Number(),
    info: Type.Number(),
  }),
  load: Type.Object({ path: Type.String() }),
  rates: Type.Object({ ackedPerS: Type.Number() }),
  generator: Type.Object({ lateMs: Type.Object({ p99: Amount }) }),
  machine: Type.Object({
    stealShare: Type.Number(),
    foreignCpuShare: Type.Number(),
    clockStepMsMax: Type.Number(),
  }),
  prometheus: Type.Union([Type.Object({ counterDeviationMax: Amount }), Type.Null()]),
})

/**
 * The same record in the form of schema 2; whatever is none of schema 1 comes back as it is. Criteria
 * are measured anew; of ballots without a recorded attempt and of the time to the first answer the
 * record said nothing then.
 */
export function fromSchema1(record: unknown): unknown {
  if (!Value.Check(Schema1, record)) return record
  const { ok: acknowledged, fail: refused, info: indeterminate, ...counts } = record.counts
  const { ackedPerS: acknowledgedPerS, ...rates } = record.rates
  const { network, load, generator, prometheus } = record
  const { clockStepMsMax: clockDriftMsMax, ...rest } = record.machine
  const machine = { ...rest, clockDriftMsMax }
  return {
    ...record,
    schema: 'ballotstorm/run/2',
    network: network.kind === 'none' ? null : network,
    counts: { ...counts, acknowledged, refused, indeterminate },
    load: { ...load, path: load.path === 'direct' ? 'rpc' : 'api' },
    rates: { ...rates, acknowledgedPerS },
    machine,
    refusals: [],
    // Where the contract stood was not written down then.
    deployment: null,
    criteria: criteria({
      planned: counts.planned,
      unsent: counts.unsent,
      silent: 0,
      lateMsP99: generator.lateMs.p99,
      answerMsP99: null,
      probe: { answerMs: { p99: null, count: 0 }, timerLateMsP99: null },
      machine,
      counterDeviation: prometheus?.counterDeviationMax ?? null,
    }),
  }
}
