import type { Benchmark } from './Benchmark.ts'
import { rawSender } from './chain/rawSender.ts'
import { alternate } from './chain/alternate.ts'
import * as Database from './chain/Database.ts'
import * as BenchRig from './chain/BenchRig.ts'
import * as BallotPool from './chain/BallotPool.ts'
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
    BenchRig.use({ folder, profile }, async (rig) => {
      const direct = await BallotPool.open(rig, 'rpc', BallotPool.BLAST_BALLOTS)
      const pool = await BallotPool.open(rig, 'api', BenchRig.VOTERS)
      const database = await Database.open(rig)
      await Database.addPoll(database, pool.poll)
      return alternate(rig, {
        names: ['relayed', 'blast'],
        reference: rawSender(rig, direct),
        ours: ({ ratePerS }) => system(rig, database, { pool, ratePerS: ratePerS * OVERLOAD }),
      })
    }),
}
