import * as DeployAnchor from '../../chain/contracts/deployAnchor.ts'
import { artifact } from '../contracts.ts'
import type { Benchmark } from './Benchmark.ts'
import { blaster } from './chain/blaster.ts'
import { contest } from './chain/contest.ts'
import * as Database from './chain/Database.ts'
import { drain } from './chain/drain.ts'
import * as Lab from './chain/Lab.ts'
import * as Supply from './chain/Supply.ts'
import type { Source } from './chain/Turn.ts'

/** Ballots in the queue when a turn begins: for 20,000 a second. A faster machine says so. */
const QUEUED = 400_000

const WITNESS = 'anchor-witness'

/** What the relayer brings to the chain where ballots are packed and none is checked. */
export const anchoredDrain: Benchmark = {
  name: 'anchored-drain',
  description:
    'mined ballots a second of `anchored`, the relayer on a full queue, against the blast',
  limit: { kind: 'least', value: 6, unit: 'times' },
  measure: (folder, profile) =>
    Lab.use({ folder, profile }, async (lab) => {
      const supply = await Supply.open(lab, 'direct', Supply.DIRECT_BALLOTS)
      const database = await Database.open(lab)
      const ours = await anchored(lab, database)
      const blast = blaster(lab, supply)
      const { supervisor } = lab
      return contest(lab, {
        names: ['anchored', 'blast'],
        // The witness of the anchor must not cost the blast anything.
        reference: {
          ...blast,
          async start() {
            supervisor.kill(WITNESS, 'SIGSTOP')
            await blast.start()
          },
        },
        ours: () => ({
          ...ours,
          async start() {
            supervisor.kill(WITNESS, 'SIGCONT')
            await ours.start()
          },
        }),
      })
    }),
}

/** Contract, poll, a full queue and a witness of its own. */
async function anchored(lab: Lab.Lab, database: Database.Database): Promise<Source> {
  const deployment = await DeployAnchor.deployAnchor(lab.deployer, {
    bytecode: (await artifact('BallotAnchor')).bytecode,
    registerCommitment: lab.registerCommitment,
  })
  const [poll] = await DeployAnchor.createAnchorPolls(lab.deployer, deployment, [
    Supply.pollOf('anchored'),
  ])
  if (poll === undefined) throw new TypeError('A poll that was opened is missing.')
  await Database.addPoll(database, poll)
  const { ballotAnchor: address, blockNumber: fromBlock } = deployment
  const target = { kind: 'anchored', address } as const
  const series = await Lab.startWitness(lab, { name: WITNESS, fromBlock }, target)
  // The contract takes batches from nobody but its owner, who deployed it.
  const carriage = { carrier: { kind: 'anchored', ballotAnchor: address }, role: 'deployer' }
  const relayer = drain(lab, database, carriage)
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
