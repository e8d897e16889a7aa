import type { Benchmark } from './Benchmark.ts'
import { blaster } from './chain/blaster.ts'
import { contest } from './chain/contest.ts'
import * as Database from './chain/Database.ts'
import { drain, toBallotBox } from './chain/drain.ts'
import * as Lab from './chain/Lab.ts'
import * as Supply from './chain/Supply.ts'

/** What the relayer brings to the chain where it never waits for ballots. */
export const relayedDrain: Benchmark = {
  name: 'relayed-drain',
  description:
    'mined ballots a second of the relayer on a full queue, every signature checked on the chain, against the blast',
  limit: { kind: 'least', value: 2.2, unit: 'times' },
  measure: (folder, profile) =>
    Lab.use({ folder, profile }, async (lab) => {
      const direct = await Supply.open(lab, 'direct', Supply.DIRECT_BALLOTS)
      const relayed = await Supply.open(lab, 'relayed', Lab.VOTERS)
      const database = await Database.open(lab)
      await Database.addPoll(database, relayed.poll)
      await Database.fill(database, relayed.take(Lab.VOTERS), { ...relayed, domain: lab.domain })
      const ours = drain(lab, database, toBallotBox(lab))
      return contest(lab, {
        names: ['relayed', 'blast'],
        reference: blaster(lab, direct),
        ours: () => ours,
      })
    }),
}
