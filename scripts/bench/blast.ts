import type { Benchmark } from './Benchmark.ts'
import { blaster } from './chain/blaster.ts'
import { contest } from './chain/contest.ts'
import * as Lab from './chain/Lab.ts'
import * as Supply from './chain/Supply.ts'

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
    Lab.use({ folder, profile }, async (lab) => {
      const supply = await Supply.open(lab, 'direct', Lab.VOTERS)
      const source = blaster(lab, supply)
      const names = ['blast', 'blast before it'] as const
      return contest(lab, { names, reference: source, ours: () => source })
    }),
}
