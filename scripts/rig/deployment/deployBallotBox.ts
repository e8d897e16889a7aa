import * as Deploy from '../../../chain/contracts/deploy.ts'
import * as Part from '../../../chain/processes/Part.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import * as Contracts from '../../contracts.ts'
import { deployerOf, stageOf } from './deployerOf.ts'
import type { DeployContext, Deployment } from './Deployment.ts'
import { withTimes } from './pollsAt.ts'
import { readTally } from './readTally.ts'

/** `relayed` and `direct`: the register with every voter in it, and the BallotBox that checks all. */
export async function deployBallotBox(context: DeployContext): Promise<Deployment> {
  const { options, progress, registerFile, accountSeed } = context
  const { network } = stageOf(context)
  const deployer = deployerOf(context)
  const [box, register] = await Promise.all([
    Contracts.artifact('BallotBox'),
    Contracts.artifact('VoterRegister'),
  ])
  progress.step('contracts deployed, voters enrolled')
  const deployment = await Deploy.deploy(deployer, {
    bytecode: { ballotBox: box.bytecode, register: register.bytecode },
    registerFile,
    onProgress: (enrolled, total) => progress.update(`${enrolled} of ${total} voters`),
  })
  const { chainId, ballotBox, codeHash, blockNumber } = deployment
  const isPriced = deployer.gasPriceWei > 0n
  return {
    chainId,
    verifyingContract: ballotBox,
    codeHash,
    fromBlock: blockNumber,
    polls: [...context.polls],
    takesMorePolls: options.design.path !== 'rpc',
    target: { kind: 'ballot-box', address: ballotBox },
    submission: options.design.parts.includes('relayer')
      ? {
          submitter: { kind: 'ballot-box', ballotBox },
          // Where gas has a price the relayer pays from the one funded account, the deployer's, which
          // has sent its last transaction before the first ballot flies.
          relayersMax: isPriced ? 1 : Number.POSITIVE_INFINITY,
          key: (number) =>
            isPriced
              ? Buffer.from(deployer.key)
              : Electorate.rolePrivateKey(accountSeed, Part.nameOf('relayer', number)),
        }
      : undefined,
    isSealedByContract: true,
    openPolls: (polls, times) => Deploy.createPolls(deployer, deployment, withTimes(polls, times)),
    tally: (pollId) =>
      readTally(network.observerUrl, {
        to: ballotBox,
        wire: Contract.ballotBox,
        method: 'tally',
        args: [pollId],
      }),
  }
}
