import * as Contract from '../../scenarios/ballots/Contract.ts'
import * as Poll from '../../scenarios/ballots/Poll.ts'
import * as Register from '../../scenarios/ballots/Register.ts'
import * as Reader from './Reader.ts'
import * as Sender from './Sender.ts'

/** What a deployed voting system is known by; addresses and hashes in lower-case hex. */
export type Deployment = {
  chainId: number
  ballotBox: string
  register: string
  /** Keccak-256 of the BallotBox' deployed code. */
  codeHash: string
  registerCommitment: string
  voterCount: number
  /** Height at which everything stood; no ballot lies in an earlier block. */
  blockNumber: number
  /** Gas that deployment and enrolment took. */
  gasUsed: number
}

/** A poll on the chain; times in Unix seconds. */
export type PollOnChain = {
  pollId: number
  pollDigest: string
  question: string
  options: string[]
  /** Absent where the whole register may vote. */
  slice?: Poll.Slice | undefined
  opensAt: number
  closesAt: number
  sealsAt: number
}

export type { Deployer } from './Sender.ts'

/**
 * The addresses that a deployment by this key has on any chain, known before there is one: the
 * register is the account's next contract, the BallotBox the one after.
 *
 * @param firstNonce - transactions that the account has sent before; 0 on a fresh chain.
 */
export function addresses(
  deployerKey: Uint8Array,
  firstNonce: number,
): { register: string; ballotBox: string } {
  return {
    register: Sender.createdAddress(deployerKey, firstNonce),
    ballotBox: Sender.createdAddress(deployerKey, firstNonce + 1),
  }
}

/**
 * Deploys register and BallotBox, enrols all voters of the register file, and closes the register.
 *
 * @throws the errors of {@link Sender}.
 */
export async function deploy(
  deployer: Sender.Deployer,
  options: {
    bytecode: { ballotBox: string; register: string }
    registerFile: string
    onProgress?: ((enrolled: number, total: number) => void) | undefined
  },
): Promise<Deployment> {
  const sender = await Sender.create(deployer)
  const { register, ballotBox } = addresses(deployer.key, sender.nonce())
  await sender.send({ name: 'deploy the register', data: options.bytecode.register })
  await sender.send({ name: 'deploy the BallotBox', data: options.bytecode.ballotBox })
  await enrol(sender, register, options)
  const close = Contract.voterRegister.encodeFunctionData('close')
  await sender.send({ name: 'close the register', to: register, data: close })
  await sender.settle()
  return {
    chainId: sender.chainId,
    ballotBox,
    register,
    codeHash: await Sender.codeHash(deployer, ballotBox),
    registerCommitment: await word(deployer, register, 'commitment'),
    voterCount: Number(await word(deployer, register, 'voterCount')),
    blockNumber: await Reader.height(deployer),
    gasUsed: sender.gasUsed(),
  }
}

/** Opens polls in a deployed BallotBox; their ids count on from those that are there. */
export async function createPolls(
  deployer: Sender.Deployer,
  deployment: Pick<Deployment, 'ballotBox' | 'register' | 'registerCommitment'>,
  polls: readonly Omit<PollOnChain, 'pollId' | 'pollDigest'>[],
): Promise<PollOnChain[]> {
  const sender = await Sender.create(deployer)
  const { ballotBox, register, registerCommitment } = deployment
  const countBefore = Number(await word(deployer, ballotBox, 'pollCount'))
  for (const poll of polls) {
    const data = Contract.ballotBox.encodeFunctionData('createPoll', [
      poll.question,
      poll.options,
      register,
      // Two zeros stand for the whole register.
      poll.slice?.firstVoter ?? 0,
      poll.slice?.voterCount ?? 0,
      poll.opensAt,
      poll.closesAt,
      poll.sealsAt,
    ])
    await sender.send({ name: `open the poll "${poll.question}"`, to: ballotBox, data })
  }
  await sender.settle()
  const commitment = Buffer.from(registerCommitment.slice(2), 'hex')
  return polls.map((poll, index) => ({
    ...poll,
    pollId: countBefore + index + 1,
    pollDigest: Sender.toHex(Poll.digest(poll, commitment)),
  }))
}

async function enrol(
  sender: Sender.Sender,
  register: string,
  options: Pick<Parameters<typeof deploy>[1], 'registerFile' | 'onProgress'>,
): Promise<void> {
  const file = Register.open(options.registerFile)
  const { voterCount } = file
  file.close()
  let enrolled = 0
  for (const chunk of Register.chunks(options.registerFile)) {
    const data = Contract.voterRegister.encodeFunctionData('enrol', [chunk])
    await sender.send({ name: `enrol voters from ${enrolled}`, to: register, data })
    enrolled += chunk.length / 20
    options.onProgress?.(enrolled, voterCount)
  }
}

async function word(deployer: Sender.Deployer, to: string, method: string): Promise<string> {
  const wire = method === 'pollCount' ? Contract.ballotBox : Contract.voterRegister
  return String((await Reader.read(deployer, { to, wire, method }))[0])
}
