import { AbiCoder, getCreateAddress, JsonRpcProvider, Transaction, Wallet } from 'ethers'

import * as Contract from '../../scenarios/ballots/Contract.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as Poll from '../../scenarios/ballots/Poll.ts'
import * as Register from '../../scenarios/ballots/Register.ts'

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
  opensAt: number
  closesAt: number
  sealsAt: number
}

/** The account that deploys, and the node it talks to. */
export type Deployer = {
  rpcUrl: string
  /** Private key, 32 bytes. */
  key: Uint8Array
  /** Wei per gas; 0 on the private networks. */
  gasPriceWei: bigint
}

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
  const from = new Wallet(toHex(deployerKey)).address
  return {
    register: getCreateAddress({ from, nonce: firstNonce }).toLowerCase(),
    ballotBox: getCreateAddress({ from, nonce: firstNonce + 1 }).toLowerCase(),
  }
}

/**
 * Deploys register and BallotBox, enrols all voters of the register file, and closes the register.
 *
 * @throws {RevertedError} names the step that the chain refused.
 * @throws {NotMinedError} where the chain takes the transactions and mines none.
 */
export async function deploy(
  deployer: Deployer,
  options: {
    bytecode: { ballotBox: string; register: string }
    registerFile: string
    onProgress?: ((enrolled: number, total: number) => void) | undefined
  },
): Promise<Deployment> {
  const sender = await createSender(deployer)
  try {
    const { register, ballotBox } = addresses(deployer.key, sender.nonce())
    await sender.send('deploy the register', undefined, options.bytecode.register)
    await sender.send('deploy the BallotBox', undefined, options.bytecode.ballotBox)
    await enrol(sender, register, options)
    const close = Contract.voterRegister.encodeFunctionData('close')
    await sender.send('close the register', register, close)
    await sender.settle()
    const code = await sender.provider.getCode(ballotBox)
    return {
      chainId: sender.chainId,
      ballotBox,
      register,
      codeHash: toHex(keccak256(Buffer.from(code.slice(2), 'hex'))),
      registerCommitment: await callWord(sender.provider, register, 'commitment'),
      voterCount: Number(await callWord(sender.provider, register, 'voterCount')),
      blockNumber: await sender.provider.getBlockNumber(),
      gasUsed: sender.gasUsed(),
    }
  } finally {
    sender.provider.destroy()
  }
}

/** Opens polls in a deployed BallotBox; their ids count on from those that are there. */
export async function createPolls(
  deployer: Deployer,
  deployment: Pick<Deployment, 'ballotBox' | 'register' | 'registerCommitment'>,
  polls: readonly Omit<PollOnChain, 'pollId' | 'pollDigest'>[],
): Promise<PollOnChain[]> {
  const sender = await createSender(deployer)
  try {
    const countBefore = Number(await callWord(sender.provider, deployment.ballotBox, 'pollCount'))
    for (const poll of polls) {
      const data = Contract.ballotBox.encodeFunctionData('createPoll', [
        poll.question,
        poll.options,
        deployment.register,
        poll.opensAt,
        poll.closesAt,
        poll.sealsAt,
      ])
      await sender.send(`open the poll "${poll.question}"`, deployment.ballotBox, data)
    }
    await sender.settle()
    const commitment = Buffer.from(deployment.registerCommitment.slice(2), 'hex')
    return polls.map((poll, index) => ({
      ...poll,
      pollId: countBefore + index + 1,
      pollDigest: toHex(Poll.digest(poll, commitment)),
    }))
  } finally {
    sender.provider.destroy()
  }
}

/** Receipts are asked for this often, at most for {@link RECEIPT_TIMEOUT_MS}. */
const RECEIPT_INTERVAL_MS = 100
const RECEIPT_TIMEOUT_MS = 60_000
/** Under the 16 executable transactions that a node's pool grants an account by default. */
const IN_FLIGHT_MAX = 12
/** Room for the largest step, a full chunk of the register (about 5.4M gas). */
const GAS_LIMIT = 8_000_000

type Sender = {
  provider: JsonRpcProvider
  address: string
  chainId: number
  nonce(): number
  gasUsed(): number
  /** Sends without waiting for a block, but with at most {@link IN_FLIGHT_MAX} unmined. */
  send(step: string, to: string | undefined, data: string): Promise<void>
  /** Waits until everything sent is mined, and throws where the chain refused a step. */
  settle(): Promise<void>
}

async function createSender({ rpcUrl, key, gasPriceWei }: Deployer): Promise<Sender> {
  const provider = new JsonRpcProvider(rpcUrl, undefined, { staticNetwork: true })
  const wallet = new Wallet(toHex(key))
  const chainId = Number((await provider.getNetwork()).chainId)
  let nonce = await provider.getTransactionCount(wallet.address, 'latest')
  let gasUsed = 0
  const inFlight: { step: string; hash: string }[] = []
  const settleFirst = async (): Promise<void> => {
    const sent = inFlight.shift()
    if (sent === undefined) return
    const receipt = await waitForReceipt(provider, sent.hash, sent.step)
    if (receipt.status !== 1) throw new RevertedError(sent.step, sent.hash)
    gasUsed += Number(receipt.gasUsed)
  }
  return {
    provider,
    address: wallet.address,
    chainId,
    nonce: () => nonce,
    gasUsed: () => gasUsed,
    async send(step, to, data) {
      const transaction = Transaction.from({
        type: 0,
        chainId,
        nonce,
        to: to ?? null,
        data,
        gasPrice: gasPriceWei,
        gasLimit: GAS_LIMIT,
      })
      transaction.signature = wallet.signingKey.sign(transaction.unsignedHash)
      const hash: unknown = await provider.send('eth_sendRawTransaction', [transaction.serialized])
      nonce += 1
      inFlight.push({ step, hash: String(hash) })
      if (inFlight.length > IN_FLIGHT_MAX) await settleFirst()
    },
    async settle() {
      while (inFlight.length > 0) await settleFirst()
    },
  }
}

async function enrol(
  sender: Sender,
  register: string,
  options: Pick<Parameters<typeof deploy>[1], 'registerFile' | 'onProgress'>,
): Promise<void> {
  const file = Register.open(options.registerFile)
  const { voterCount } = file
  file.close()
  let enrolled = 0
  for (const chunk of Register.chunks(options.registerFile)) {
    const data = Contract.voterRegister.encodeFunctionData('enrol', [chunk])
    await sender.send(`enrol voters from ${enrolled}`, register, data)
    enrolled += chunk.length / 20
    options.onProgress?.(enrolled, voterCount)
  }
}

async function waitForReceipt(
  provider: JsonRpcProvider,
  hash: string,
  step: string,
): Promise<{ status: number | null; gasUsed: bigint }> {
  for (let waitedMs = 0; waitedMs < RECEIPT_TIMEOUT_MS; waitedMs += RECEIPT_INTERVAL_MS) {
    const receipt = await provider.getTransactionReceipt(hash)
    if (receipt !== null) return receipt
    await new Promise((resolve) => setTimeout(resolve, RECEIPT_INTERVAL_MS))
  }
  throw new NotMinedError(step, hash)
}

async function callWord(provider: JsonRpcProvider, to: string, name: string): Promise<string> {
  const wire = name === 'pollCount' ? Contract.ballotBox : Contract.voterRegister
  const data = await provider.call({ to, data: wire.encodeFunctionData(name) })
  return String(AbiCoder.defaultAbiCoder().decode(['bytes32'], data)[0])
}

function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`
}

export class RevertedError extends Error {
  override readonly name = 'deploy.RevertedError'
  readonly code = 'DEPLOYMENT_REVERTED'
  constructor(step: string, hash: string) {
    super(`The chain refused to ${step} (transaction ${hash}).`)
  }
}

export class NotMinedError extends Error {
  override readonly name = 'deploy.NotMinedError'
  readonly code = 'DEPLOYMENT_NOT_MINED'
  constructor(step: string, hash: string) {
    super(
      `The chain did not mine the transaction to ${step} (${hash}) within ${RECEIPT_TIMEOUT_MS / 1000} s. Does its height grow?`,
    )
  }
}
