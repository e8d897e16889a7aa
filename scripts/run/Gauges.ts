import * as Durability from '../../chain/database/Durability.ts'
import * as Pool from '../../chain/database/Pool.ts'
import * as Machine from '../../metrics/machine/Machine.ts'
import type { Rig } from './buildRig.ts'
import type { Workshop } from './Workshop.ts'

/** What is measured beside the ballots, from before the storm until it is stopped. */
export type Gauges = {
  /** @throws nothing: a database that is gone has synced 0 times that we know of. */
  stop(): Promise<{ machine: Machine.Reading; walSyncs: number }>
}

/** Long enough to cost nothing, short enough to see a step of the clock and a process that dies. */
const INTERVAL_MS = 500

export async function start({ supervisor }: Workshop, rig: Rig): Promise<Gauges> {
  const { database } = rig.system
  const syncsBefore = database === undefined ? 0 : await readSyncs(database.url)
  const machine = Machine.start({
    pids: () => [
      { name: 'harness', pid: process.pid },
      ...supervisor
        .list()
        .filter(({ isRunning }) => isRunning)
        .map(({ name, pid }) => ({ name, pid })),
    ],
    intervalMs: INTERVAL_MS,
    wallNow: Date.now,
    monotonicNow: () => performance.now(),
  })
  return {
    async stop() {
      const reading = machine.stop()
      const syncsAfter = database === undefined ? 0 : await readSyncs(database.url)
      return { machine: reading, walSyncs: Math.max(0, syncsAfter - syncsBefore) }
    },
  }
}

async function readSyncs(url: string): Promise<number> {
  const pool = Pool.create({ url, connectionsMax: 1, name: 'harness' })
  try {
    return await Durability.readWalSyncCount(pool)
  } catch {
    return 0
  } finally {
    await pool.end()
  }
}
