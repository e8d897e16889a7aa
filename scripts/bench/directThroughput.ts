import type { Benchmark } from './Benchmark.ts'
import { blaster } from './chain/blaster.ts'
import { contest } from './chain/contest.ts'
import * as Lab from './chain/Lab.ts'
import { storm } from './chain/storm.ts'
import * as Supply from './chain/Supply.ts'

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
    Lab.use({ folder, profile }, async (lab) => {
      const supply = await Supply.open(lab, 'direct', Lab.VOTERS)
      const load = { path: 'direct', supply, targets: lab.network.voterUrls } as const
      return contest(lab, {
        names: ['direct', 'blast'],
        reference: blaster(lab, supply),
        ours: ({ ratePerS }) => storm(lab, { ...load, ratePerS: ratePerS * LOAD }),
      })
    }),
}
