import * as Anchor from '../../../chain/contracts/deployAnchor.ts'
import * as Contracts from '../../contracts.ts'
import { deployerOf } from './deployerOf.ts'
import type { DeployContext, Deployment } from './Deployment.ts'
import { withTimes } from './pollsAt.ts'

/** `anchored`: a contract that keeps packed copies and their roots; only its owner writes to it. */
export async function deployAnchor(context: DeployContext): Promise<Deployment> {
  const deployer = deployerOf(context)
  const { bytecode } = await Contracts.artifact('BallotAnchor')
  context.progress.step('contract deployed')
  const { registerCommitment } = context
  const deployment = await Anchor.deployAnchor(deployer, { bytecode, registerCommitment })
  const { chainId, ballotAnchor, codeHash, blockNumber } = deployment
  return {
    chainId,
    verifyingContract: ballotAnchor,
    codeHash,
    fromBlock: blockNumber,
    polls: [...context.polls],
    takesMorePolls: true,
    target: { kind: 'anchored', address: ballotAnchor },
    // The owner deployed it, and has sent its last other transaction before the first ballot flies.
    submission: {
      submitter: { kind: 'anchored', ballotAnchor },
      relayersMax: 1,
      key: () => Buffer.from(deployer.key),
    },
    isSealedByContract: true,
    openPolls: (polls, times) =>
      Anchor.createAnchorPolls(deployer, deployment, withTimes(polls, times)),
    tally: undefined,
  }
}
