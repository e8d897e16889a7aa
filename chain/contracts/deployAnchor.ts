import * as Anchor from '../../scenarios/ballots/Anchor.ts'
import * as Poll from '../../scenarios/ballots/Poll.ts'
import type { PollOnChain } from './deploy.ts'
import * as Reader from './Reader.ts'
import * as Sender from './Sender.ts'

/** What a deployed anchor is known by; address and hashes in lower-case hex. */
export type AnchorDeployment = {
  chainId: number
  ballotAnchor: string
  /** Keccak-256 of the deployed code. */
  codeHash: string
  registerCommitment: string
  /** Height at which it stood; no batch lies in an earlier block. */
  blockNumber: number
  gasUsed: number
}

/**
 * Deploys a BallotAnchor: the deployer alone creates polls and anchors batches. No register stands
 * on the chain, only the commitment to it, 32 bytes. On a fresh chain the address is
 * {@link Sender.createdAddress} of nonce 0.
 *
 * @param options - `bytecode`: of the artifact `BallotAnchor`.
 * @throws the errors of {@link Sender}.
 */
export async function deployAnchor(
  deployer: Sender.Deployer,
  options: { bytecode: string; registerCommitment: Uint8Array },
): Promise<AnchorDeployment> {
  const sender = await Sender.create(deployer)
  const ballotAnchor = Sender.createdAddress(deployer.key, sender.nonce())
  const registerCommitment = Sender.toHex(options.registerCommitment)
  // The constructor's only argument is a word, which encodes as itself.
  const data = options.bytecode + registerCommitment.slice(2)
  await sender.send({ name: 'deploy the BallotAnchor', data })
  await sender.settle()
  return {
    chainId: sender.chainId,
    ballotAnchor,
    codeHash: await Sender.codeHash(deployer, ballotAnchor),
    registerCommitment,
    blockNumber: await Reader.height(deployer),
    gasUsed: sender.gasUsed(),
  }
}

/** Opens polls in a deployed BallotAnchor; their ids count on from those that are there. */
export async function createAnchorPolls(
  deployer: Sender.Deployer,
  deployment: Pick<AnchorDeployment, 'ballotAnchor' | 'registerCommitment'>,
  polls: readonly Omit<PollOnChain, 'pollId' | 'pollDigest'>[],
): Promise<PollOnChain[]> {
  const sender = await Sender.create(deployer)
  const { ballotAnchor: to, registerCommitment } = deployment
  const wire = Anchor.ballotAnchor
  const [countBefore] = await Reader.read(deployer, { to, wire, method: 'pollCount' })
  for (const { question, options, slice, opensAt, closesAt, sealsAt } of polls) {
    // Two zeros stand for the whole register.
    const electorate = [NO_REGISTER, slice?.firstVoter ?? 0, slice?.voterCount ?? 0]
    const args = [question, options, ...electorate, opensAt, closesAt, sealsAt]
    const data = wire.encodeFunctionData('createPoll', args)
    await sender.send({ name: `open the poll "${question}"`, to, data })
  }
  await sender.settle()
  const commitment = Buffer.from(registerCommitment.slice(2), 'hex')
  return polls.map((poll, index) => ({
    ...poll,
    pollId: Number(countBefore) + index + 1,
    pollDigest: Sender.toHex(Poll.digest(poll, commitment)),
  }))
}

const NO_REGISTER = `0x${'00'.repeat(20)}`
