import * as Durability from '../../chain/database/Durability.ts'
import * as Pool from '../../chain/database/Pool.ts'
import * as Machine from '../../metrics/machine/Machine.ts'
import type { Rig } from './buildRig.ts'
import type { Workshop } from './Workshop.ts'

/** What is measured beside the ballots, from before the storm until it is stopped. */
export type Gauges = {
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
      if (database === undefined) return { machine: reading, walSyncs: undefined }
      const syncs = (await readSyncs(database.url).catch(() => -1)) - syncsBefore
      return { machine: reading, walSyncs: syncs < 0 ? undefined : syncs }
    },
  }
}

async function readSyncs(url: string): Promise<number> {
  const pool = Pool.create({ url, connectionsMax: 1, name: 'harness' })
  try {
    return await Durability.readWalSyncCount(pool)
  } finally {
    await pool.end()
  }
}
