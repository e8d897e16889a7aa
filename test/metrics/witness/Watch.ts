import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as BallotCounter from '../../../metrics/witness/BallotCounter.ts'
import * as Metrics from '../../../metrics/witness/Metrics.ts'
import type { Nodes, Observation } from '../../../metrics/witness/Observation.ts'
import * as Observer from '../../../metrics/witness/Observer.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import type { Finality } from '../../../scenarios/ballots/Finality.ts'
import type { City } from '../City.ts'

/** An observer in this process, moved by the test step by step. */
export type Watch = {
  observationsFile: string
  /** Looks and compares until nothing is new, with time passing in between. */
  catchUp(): Promise<void>
  observed(): Observation[]
  sources(): Nodes
  /** The sum of those values that bear these labels. */
  metric(name: string, labels?: Record<string, string>): Promise<number>
}

/** A busy machine takes its time; only a node that hangs costs this. */
const RPC_TIMEOUT_MS = 1000

/** Enough for every node to be found down, and for the next to be read. */
const IDLE_READS = 6

/** Longer than the pause between two checks of the tip. */
const STEP_MS = 2000

/** Where ballots go, and where the lines are written. */
type Site = Pick<City, 'folder' | 'ballotBox' | 'fromBlock'>

export function create(
  site: Site,
  finality: Finality,
  rpcUrls: readonly string[],
  validators?: Observer.Options['validators'],
): Watch {
  const observationsFile = join(site.folder, 'observations.jsonl')
  const metrics = Metrics.create()
  let skewMs = 0
  const observer = Observer.create({
    nodes: rpcUrls.map((url) => Rpc.connect(url, RPC_TIMEOUT_MS)),
    counter: BallotCounter.create({ kind: 'ballot-box', address: site.ballotBox }),
    finality,
    fromBlock: site.fromBlock,
    validators,
    record: (observation) => appendFileSync(observationsFile, `${JSON.stringify(observation)}\n`),
    metrics,
    now: () => Date.now() + skewMs,
  })
  return {
    observationsFile,
    sources: () => observer.sources(),
    async catchUp() {
      for (let idle = 0; idle < IDLE_READS; idle += 1) {
        while (await observer.readNext()) idle = 0
        skewMs += STEP_MS
        for (const peer of observer.peers) await observer.compare(peer)
      }
    },
    observed: () =>
      readFileSync(observationsFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line): Observation => JSON.parse(line)),
    async metric(name, labels = {}) {
      const found = await metrics.registry.getSingleMetric(name)?.get()
      const wanted = Object.entries(labels)
      const matching = (found?.values ?? []).filter((value) =>
        wanted.every(([key, label]) =>
          Object.entries(value.labels).some(([k, v]) => k === key && v === label),
        ),
      )
      return matching.reduce((sum, { value }) => sum + value, 0)
    },
  }
}
