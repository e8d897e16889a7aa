import type { Target } from '../../../metrics/contracts/Target.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as BallotCounter from '../../../metrics/witness/BallotCounter.ts'
import * as Metrics from '../../../metrics/witness/Metrics.ts'
import type { Observation } from '../../../metrics/witness/Observation.ts'
import * as Observer from '../../../metrics/witness/Observer.ts'
import type { Finality } from '../../../scenarios/ballots/Finality.ts'

/** An observer whose clock stands unless the test moves it, and which takes one step at a time. */
export type Stepwise = Observer.Observer & {
  metrics: Metrics.Metrics
  /** Unix milliseconds; set it to let time pass. */
  clock: { nowMs: number }
  /** Reads until nothing is new. */
  readAll(): Promise<void>
  /** Compares with every node once, after a second in which they may have been heard. */
  compareAll(): Promise<void>
  observed: Observation[]
  of<Kind extends Observation['kind']>(kind: Kind): (Observation & { kind: Kind })[]
  /** The sum of a metric's values that bear these labels. */
  metric(name: string, labels?: Record<string, string>): Promise<number>
}

export type Options = {
  urls: readonly string[]
  target: Target
  fromBlock: number
  finality?: Finality
  validators?: Observer.Options['validators']
  /** What stands between the witness and a node. @default nothing */
  through?: (node: Rpc.Rpc) => Rpc.Rpc
}

export function create(options: Options): Stepwise {
  const { urls, target, fromBlock, finality = { kind: 'instant' }, validators } = options
  const { through = (node) => node } = options
  const observed: Observation[] = []
  const metrics = Metrics.create()
  const clock = { nowMs: 1_000_000 }
  const observer = Observer.create({
    nodes: urls.map((url) => through(Rpc.connect(url, 1000))),
    counter: BallotCounter.create(target),
    finality,
    fromBlock,
    validators,
    record: (line) => observed.push(line),
    metrics,
    now: () => clock.nowMs,
  })
  return {
    ...observer,
    metrics,
    clock,
    observed,
    of: <Kind extends Observation['kind']>(kind: Kind) =>
      observed.filter((line): line is Observation & { kind: Kind } => line.kind === kind),
    async readAll() {
      while (await observer.readNext());
    },
    async compareAll() {
      clock.nowMs += 1000
      for (const peer of observer.peers) await observer.compare(peer)
    },
    async metric(name, labels = {}) {
      const found = await metrics.registry.getSingleMetric(`ballotstorm_witness_${name}`)?.get()
      const wanted = Object.entries(labels)
      return (found?.values ?? [])
        .filter((value) => wanted.every(([key, label]) => isIn(value.labels, key, label)))
        .reduce((sum, { value }) => sum + value, 0)
    },
  }
}

function isIn(labels: object, key: string, label: string): boolean {
  return Object.entries(labels).some(([name, value]) => name === key && String(value) === label)
}
