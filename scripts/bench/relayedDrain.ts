import type { Benchmark } from './Benchmark.ts'
import { rawSender } from './chain/rawSender.ts'
import { alternate } from './chain/alternate.ts'
import * as Database from './chain/Database.ts'
import { drain } from './chain/drain.ts'
import * as BenchRig from './chain/BenchRig.ts'
import * as BallotPool from './chain/BallotPool.ts'

/** What the relayer brings to the chain where it never waits for ballots. */
export const relayedDrain: Benchmark = {
  name: 'relayed-drain',
  description:
    'mined ballots a second of the relayer on a full queue, every signature checked on the chain, against the blast',
  limit: { kind: 'least', value: 2.2, unit: 'times' },
  measure: (folder, profile) =>
    BenchRig.use({ folder, profile }, async (rig) => {
      const direct = await BallotPool.open(rig, 'rpc', BallotPool.BLAST_BALLOTS)
      const relayed = await BallotPool.open(rig, 'api', BenchRig.VOTERS)
      const database = await Database.open(rig)
      await Database.addPoll(database, relayed.poll)
      await Database.fill(database, relayed.take(BenchRig.VOTERS), {
        ...relayed,
        domain: BallotPool.domainOf(rig.deployment),
      })
      const ours = drain(rig, database, rig.deployment)
      return alternate(rig, {
        names: ['relayed', 'blast'],
        reference: rawSender(rig, direct),
        ours: () => ours,
      })
    }),
}
