import * as Durability from '../../chain/database/Durability.ts'
import * as Pool from '../../chain/database/Pool.ts'
import * as Part from '../../chain/processes/Part.ts'
import * as Machine from '../../metrics/machine/Machine.ts'
import { partsOf } from '../rig/Rig.ts'
import type { RunContext } from './RunContext.ts'
import type { Scene } from './Scene.ts'

/** What is measured beside the ballots, from before the storm until it is stopped. */
export type ResourceSampler = {
  /** `walSyncs`: since the start; undefined where the database is gone or has begun to count anew. */
  stop(): Promise<{ machine: Machine.Reading; walSyncs: number | undefined }>
}

/** Long enough to cost nothing, short enough to see a step of the clock and a process that dies. */
const INTERVAL_MS = 500

/**
 * Begins to measure.
 *
 * @throws where the database does not tell its count: a difference to an unknown one would be made up.
 */
export async function start(context: RunContext, scene: Scene): Promise<ResourceSampler> {
  const { database } = scene.ready.stand.system
  const syncsBefore = database === undefined ? 0 : await readSyncs(database.url)
  const parts = partsOfStorm(context, scene)
  const machine = Machine.start({
    pids: () => [
      { name: 'harness', pid: process.pid },
      ...parts
        .filter((part) => part.isRunning())
        .map((part) => ({ name: part.name, pid: part.pid() })),
    ],
    intervalMs: INTERVAL_MS,
    wallNow: Date.now,
    monotonicNow: () => performance.now(),
  })
  return {
    async stop() {
      const reading = machine.stop()
      if (database === undefined) return { machine: reading, walSyncs: undefined }
      const syncs = (await readSyncs(database.url).catch(() => -1)) - syncsBefore
      return { machine: reading, walSyncs: syncs < 0 ? undefined : syncs }
    },
  }
}

/** Every process that belongs to a storm and its rig. */
function partsOfStorm({ host }: RunContext, { ready, observers }: Scene): Part.Part[] {
  const own = Object.values(observers).flatMap((one) => one?.part ?? [])
  return [...partsOf(ready.rig), ...own, Part.of(host.supervisor, 'k6')]
}

function readSyncs(url: string): Promise<number> {
  return Pool.use({ url, name: 'harness' }, Durability.readWalSyncCount)
}
