import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { createPolls, deploy } from '../../../chain/contracts/deploy.ts'
import * as Sender from '../../../chain/contracts/Sender.ts'
import type { Network } from '../../../chain/networks/Network.ts'
import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import { artifact } from '../../../scripts/contracts.ts'
import * as Voters from '../../contracts/Voters.ts'

const VOTERS = 40

/** What a reader must find after {@link hold}: 20 of the 40 are outside the second poll's slice. */
export const RESULT = [
  { recount: [20, 20], tally: [20, 20], skippedCount: 0 },
  { recount: [10, 10], tally: [10, 10], skippedCount: 20 },
]

/** Holds an election of two polls on a network of real nodes; gives the BallotBox. */
export async function hold(network: Network, folder: string): Promise<string> {
  const registerFile = join(folder, 'register.bin')
  writeFileSync(registerFile, Voters.packed(0, VOTERS))
  const deployer = { rpcUrl: network.rpcUrls[0] ?? '', key: Buffer.alloc(32, 5), gasPriceWei: 0n }
  const [box, register] = [await artifact('BallotBox'), await artifact('VoterRegister')]
  const bytecode = { ballotBox: box.bytecode, register: register.bytecode }
  const deployment = await deploy(deployer, { bytecode, registerFile })
  const now = Math.floor(Date.now() / 1000)
  const times = { opensAt: now - 10, closesAt: now + 3000, sealsAt: now + 3600 }
  const polls = await createPolls(deployer, deployment, [
    { question: 'Which?', options: ['one', 'two'], ...times },
    {
      question: 'Who?',
      options: ['a', 'b'],
      slice: { firstVoter: 5, voterCount: 20 },
      ...times,
    },
  ])
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.ballotBox }
  const ballots = polls.flatMap(({ pollId, pollDigest }) => {
    const poll = { pollId, pollDigest: Buffer.from(pollDigest.slice(2), 'hex'), domain }
    return Array.from({ length: VOTERS }, (_, voter) => Voters.sign(poll, voter, voter % 2))
  })
  const sender = await Sender.create(deployer)
  const data = Contract.ballotBox.encodeFunctionData('castBatch', [Batch.encode(ballots)])
  await sender.send({ name: 'cast', to: deployment.ballotBox, data })
  await sender.settle()
  return deployment.ballotBox
}
