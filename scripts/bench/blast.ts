import type { Benchmark } from './Benchmark.ts'
import { rawSender } from './chain/rawSender.ts'
import { alternate } from './chain/alternate.ts'
import * as BenchRig from './chain/BenchRig.ts'
import * as BallotPool from './chain/BallotPool.ts'

/**
 * The reference of all the throughputs against itself: what the noise of the machine does to a ratio
 * that ought to be 1.
 */
export const blast: Benchmark = {
  name: 'blast',
  description:
    'the reference (signed single-ballot transactions as JSON-RPC batches of 100) against itself: mined ballots a second',
  limit: { kind: 'least', value: 0.9, unit: 'times' },
  measure: (folder, profile) =>
    BenchRig.use({ folder, profile }, async (rig) => {
      const pool = await BallotPool.open(rig, 'rpc', BenchRig.VOTERS)
      const source = rawSender(rig, pool)
      const names = ['blast', 'blast before it'] as const
      return alternate(rig, { names, reference: source, ours: () => source })
    }),
}
