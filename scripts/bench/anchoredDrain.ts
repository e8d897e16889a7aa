import * as Part from '../../chain/processes/Part.ts'
import type { Benchmark } from './Benchmark.ts'
import { rawSender } from './chain/rawSender.ts'
import { alternate } from './chain/alternate.ts'
import * as Database from './chain/Database.ts'
import { drain } from './chain/drain.ts'
import * as BenchRig from './chain/BenchRig.ts'
import * as BallotPool from './chain/BallotPool.ts'
import type { Source } from './chain/MeasuredWindow.ts'

/** Ballots in the queue when a turn begins: for 20,000 a second. A faster machine says so. */
const QUEUED = 400_000

/** The second of its role. */
const WITNESS = 2

/** What the relayer brings to the chain where ballots are packed and none is checked. */
export const anchoredDrain: Benchmark = {
  name: 'anchored-drain',
  description:
    'mined ballots a second of `anchored`, the relayer on a full queue, against the blast',
  limit: { kind: 'least', value: 6, unit: 'times' },
  measure: (folder, profile) =>
    BenchRig.use({ folder, profile }, async (rig) => {
      const pool = await BallotPool.open(rig, 'rpc', BallotPool.BLAST_BALLOTS)
      const database = await Database.open(rig)
      const ours = await anchored(rig, database)
      const blast = rawSender(rig, pool)
      const witness = Part.of(rig.host.supervisor, 'witness', WITNESS)
      return alternate(rig, {
        names: ['anchored', 'blast'],
        // The witness of the anchor must not cost the blast anything.
        reference: {
          ...blast,
          async start() {
            witness.pause()
            await blast.start()
          },
        },
        ours: () => ({
          ...ours,
          async start() {
            witness.resume()
            await ours.start()
          },
        }),
      })
    }),
}

/** Contract, poll, a full queue and a witness of its own. */
async function anchored(rig: BenchRig.BenchRig, database: Database.Database): Promise<Source> {
  const deployment = await rig.deployDesign('anchored')
  const { poll: text, times } = BallotPool.pollOf('anchored')
  const [poll] = await deployment.openPolls([text], [times])
  if (poll === undefined) throw new TypeError('A poll that was opened is missing.')
  await Database.addPoll(database, poll)
  const series = await BenchRig.startWitness(rig, deployment, WITNESS)
  const relayer = drain(rig, database, deployment)
  let filled = 0
  return {
    ...relayer,
    series,
    async start() {
      const count = QUEUED - (await database.queued())
      await Database.fillUnsigned(database, poll, { first: filled, count })
      filled += count
      await relayer.start()
    },
  }
}
