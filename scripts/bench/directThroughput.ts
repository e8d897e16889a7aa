import type { Benchmark } from './Benchmark.ts'
import { rawSender } from './chain/rawSender.ts'
import { alternate } from './chain/alternate.ts'
import * as BenchRig from './chain/BenchRig.ts'
import { storm } from './chain/storm.ts'
import * as BallotPool from './chain/BallotPool.ts'

/**
 * Fired against what the blast just brought: more than the limit asks for, less than makes the pool
 * grow without end. At 1.7 times the chain mined a third of what it had mined at 1.
 */
const LOAD = 1.15

/** What `direct` brings to the chain as a run fires it. */
export const directThroughput: Benchmark = {
  name: 'direct-throughput',
  description: 'mined ballots a second of `direct` (k6, feeder, resender) against the blast',
  limit: { kind: 'least', value: 0.9, unit: 'times' },
  measure: (folder, profile) =>
    BenchRig.use({ folder, profile }, async (rig) => {
      const pool = await BallotPool.open(rig, 'rpc', BenchRig.VOTERS)
      const load = { path: 'rpc', pool, targets: rig.stage.network.voterUrls } as const
      return alternate(rig, {
        names: ['direct', 'blast'],
        reference: rawSender(rig, pool),
        ours: ({ ratePerS }) => storm(rig, { ...load, ratePerS: ratePerS * LOAD }),
      })
    }),
}
