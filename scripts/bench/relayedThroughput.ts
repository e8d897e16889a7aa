import type { Benchmark } from './Benchmark.ts'
import { blaster } from './chain/blaster.ts'
import { contest } from './chain/contest.ts'
import * as Database from './chain/Database.ts'
import * as Lab from './chain/Lab.ts'
import * as Supply from './chain/Supply.ts'
import { system } from './chain/system.ts'

/**
 * So much more is fired than the blast just brought. What `relayed` carries beyond that stays
 * unmeasured: it is asked for nine tenths.
 */
const OVERLOAD = 1.5

/** What `relayed` brings to the chain with all its parts at work on the same two cores. */
export const relayedThroughput: Benchmark = {
  name: 'relayed-throughput',
  description:
    'mined ballots a second of `relayed` with k6, API and database at work beside it, against the blast',
  limit: { kind: 'least', value: 0.9, unit: 'times' },
  measure: (folder, profile) =>
    Lab.use({ folder, profile }, async (lab) => {
      const direct = await Supply.open(lab, 'direct', Supply.DIRECT_BALLOTS)
      const supply = await Supply.open(lab, 'relayed', Lab.VOTERS)
      const database = await Database.open(lab)
      await Database.addPoll(database, supply.poll)
      return contest(lab, {
        names: ['relayed', 'blast'],
        reference: blaster(lab, direct),
        ours: ({ ratePerS }) => system(lab, database, { supply, ratePerS: ratePerS * OVERLOAD }),
      })
    }),
}
