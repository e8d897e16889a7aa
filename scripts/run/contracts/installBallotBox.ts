import * as Deploy from '../../../chain/contracts/deploy.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import * as Contracts from '../../contracts.ts'
import { deployerOf, networkOf } from './deployerOf.ts'
import type { Ground, Installation } from './Installation.ts'
import { withTimes } from './pollsAt.ts'
import { readTally } from './readTally.ts'

/** `relayed` and `direct`: the register with every voter in it, and the BallotBox that checks all. */
export async function installBallotBox(ground: Ground): Promise<Installation> {
  const { workshop, registerFile } = ground
  const { design, seed } = workshop.options
  const network = networkOf(ground)
  const deployer = deployerOf(ground)
  const [box, register] = await Promise.all([
    Contracts.artifact('BallotBox'),
    Contracts.artifact('VoterRegister'),
  ])
  workshop.progress.step('contracts deployed, voters enrolled')
  const deployment = await Deploy.deploy(deployer, {
    bytecode: { ballotBox: box.bytecode, register: register.bytecode },
    registerFile,
    onProgress: (enrolled, total) => workshop.progress.update(`${enrolled} of ${total} voters`),
  })
  const { chainId, ballotBox, codeHash, blockNumber } = deployment
  // Where gas has a price the relayer pays from the funded account, the deployer's, which has sent
  // its last transaction before the first ballot flies.
  const key = deployer.gasPriceWei > 0n ? deployer.key : Electorate.rolePrivateKey(seed, 'relayer')
  return {
    chainId,
    verifyingContract: ballotBox,
    codeHash,
    fromBlock: blockNumber,
    polls: [...ground.polls],
    target: { kind: 'ballot-box', address: ballotBox },
    carriage: design.parts.includes('relayer')
      ? { carrier: { kind: 'relayed', ballotBox }, key: Buffer.from(key) }
      : undefined,
    isSealedByContract: true,
    openPolls: (times) => Deploy.createPolls(deployer, deployment, withTimes(ground.polls, times)),
    tally: (pollId) =>
      readTally(network.observerUrl, {
        to: ballotBox,
        wire: Contract.ballotBox,
        method: 'tally',
        args: [pollId],
      }),
  }
}
