import { createAnchorPolls, deployAnchor } from '../../../chain/contracts/deployAnchor.ts'
import * as Contracts from '../../contracts.ts'
import { deployerOf } from './deployerOf.ts'
import type { Ground, Installation } from './Installation.ts'
import { withTimes } from './pollsAt.ts'

/** `anchored`: a contract that keeps packed copies and their roots; only its owner writes to it. */
export async function installAnchor(ground: Ground): Promise<Installation> {
  const deployer = deployerOf(ground)
  const { bytecode } = await Contracts.artifact('BallotAnchor')
  ground.workshop.progress.step('contract deployed')
  const { registerCommitment, polls } = ground
  const deployment = await deployAnchor(deployer, { bytecode, registerCommitment })
  const { chainId, ballotAnchor, codeHash, blockNumber } = deployment
  return {
    chainId,
    verifyingContract: ballotAnchor,
    codeHash,
    fromBlock: blockNumber,
    polls: [...polls],
    target: { kind: 'anchored', address: ballotAnchor },
    // The owner deployed it, and has sent its last other transaction before the first ballot flies.
    carriage: { carrier: { kind: 'anchored', ballotAnchor }, key: Buffer.from(deployer.key) },
    isSealedByContract: true,
    openPolls: (times) => createAnchorPolls(deployer, deployment, withTimes(polls, times)),
    tally: undefined,
  }
}
