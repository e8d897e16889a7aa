import { getCreateAddress } from 'ethers'
import { Type, type Static } from 'typebox'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Address from '../../scenarios/ballots/Address.ts'
import type { Finality } from '../../scenarios/ballots/Finality.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as LegacyTransaction from '../../scenarios/ballots/LegacyTransaction.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'
import * as Reader from './Reader.ts'

/** The account that deploys, and the node it talks to. */
export type Deployer = Reader.Node & {
  /** Private key, 32 bytes. */
  key: Uint8Array
  /** Wei per gas; 0 on the private networks. */
  gasPriceWei: bigint
  /** Unmined transactions at most. @default {@link IN_FLIGHT_MAX}, what every node's pool takes */
  inFlightMax?: number | undefined
  /** When a step can no longer vanish. @default instant */
  finality?: Finality | undefined
}

/** Sends an account's transactions one after the other; nobody else may use the account meanwhile. */
export type Sender = {
  /** The account, lower-case hex. */
  address: string
  chainId: number
  /** Number of the next transaction. */
  nonce(): number
  /** Gas that everything settled has used. */
  gasUsed(): number
  /**
   * Sends without waiting for a block, but with at most {@link Deployer.inFlightMax} unmined.
   *
   * @throws {RevertedError} or {NotMinedError} of an earlier step.
   */
  send(step: Step): Promise<void>
  /** Waits until everything sent is mined and final, and throws where the chain refused a step. */
  settle(): Promise<void>
}

/** A transaction, in words that end "the chain refused to …". */
export type Step = {
  name: string
  /** The contract; undefined creates one. */
  to?: string | undefined
  /** Calldata, or the code that creates a contract; 0x-prefixed. */
  data: string
  /** Never more than a block holds. @default {@link GAS_LIMIT_DEFAULT} */
  gasLimit?: number | undefined
}

/** Receipts are asked for this often, at most for {@link RECEIPT_TIMEOUT_MS}. */
const RECEIPT_INTERVAL_MS = 100
const RECEIPT_TIMEOUT_MS = 60_000
/** Under the 16 executable transactions that a node's pool grants an account by default. */
export const IN_FLIGHT_MAX = 12
/** Room for the largest step, a full chunk of the register (about 5.4M gas). */
const GAS_LIMIT_DEFAULT = 8_000_000

type Receipt = Static<typeof Receipt>
const Receipt = Type.Object({
  status: Rpc.Quantity,
  gasUsed: Rpc.Quantity,
  blockNumber: Rpc.Quantity,
})

/** A step that the node has taken. */
type Sent = { name: string; hash: string }

/**
 * Readies an account for its next transactions.
 *
 * @throws `Rpc.CallError` where the node does not answer in bounded time.
 */
export async function create(deployer: Deployer): Promise<Sender> {
  const address = addressOf(deployer.key)
  const { inFlightMax = IN_FLIGHT_MAX } = deployer
  const ask = (method: string, params: unknown[]): Promise<string> =>
    Reader.ask(deployer, { method, params }, Rpc.Quantity)
  const chainId = Number(await ask('eth_chainId', []))
  let nonce = Number(await ask('eth_getTransactionCount', [address, 'latest']))
  const latest = { method: 'eth_getBlockByNumber', params: ['latest', false] }
  const gasLimitMax = Number((await Reader.ask(deployer, latest, Rpc.Block)).gasLimit)
  let gasUsed = 0
  const inFlight: Sent[] = []
  let last: Sent | undefined
  const settleFirst = async (): Promise<void> => {
    const sent = inFlight.shift()
    if (sent === undefined) return
    const receipt = await waitForReceipt(deployer, sent, () => true)
    if (Number(receipt.status) !== 1) throw new RevertedError(sent.name, sent.hash)
    gasUsed += Number(receipt.gasUsed)
  }
  return {
    address,
    chainId,
    nonce: () => nonce,
    gasUsed: () => gasUsed,
    async send({ name, to, data, gasLimit = GAS_LIMIT_DEFAULT }) {
      const transaction = {
        nonce,
        gasPriceWei: Number(deployer.gasPriceWei),
        gasLimit: Math.min(gasLimit, gasLimitMax),
        to: toBytes(to ?? '0x'),
        data: toBytes(data),
      }
      const raw = LegacyTransaction.sign(transaction, chainId, deployer.key)
      const hash = await ask('eth_sendRawTransaction', [toHex(raw)])
      nonce += 1
      last = { name, hash }
      inFlight.push(last)
      if (inFlight.length > inFlightMax) await settleFirst()
    },
    async settle() {
      while (inFlight.length > 0) await settleFirst()
      // The account's earlier steps stand below it.
      if (last !== undefined) await waitForReceipt(deployer, last, isFinal(deployer))
    },
  }
}

/**
 * The address of the contract that an account's transaction creates, known before there is a chain.
 *
 * @param nonce - transactions that the account has sent before; 0 on a fresh chain.
 */
export function createdAddress(key: Uint8Array, nonce: number): string {
  return getCreateAddress({ from: addressOf(key), nonce }).toLowerCase()
}

function addressOf(key: Uint8Array): string {
  return Address.toHex(Address.fromPrivateKey(key))
}

/** Keccak-256 of a contract's code, 0x-prefixed. */
export async function codeHash(node: Reader.Node, address: string): Promise<string> {
  return toHex(keccak256(toBytes(await Reader.code(node, address))))
}

/** Bytes as 0x-prefixed hex. */
export function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`
}

function toBytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex')
}

type Judge = (receipt: Receipt) => boolean | Promise<boolean>

/** The receipt of a step as soon as it is good enough; one whose block vanished is awaited anew. */
async function waitForReceipt(node: Reader.Node, sent: Sent, isGood: Judge): Promise<Receipt> {
  const call = { method: 'eth_getTransactionReceipt', params: [sent.hash] }
  for (let waitedMs = 0; waitedMs < RECEIPT_TIMEOUT_MS; waitedMs += RECEIPT_INTERVAL_MS) {
    const receipt = await Reader.ask(node, call, Type.Union([Type.Null(), Receipt]))
    if (receipt !== null && (await isGood(receipt))) return receipt
    await new Promise((resolve) => setTimeout(resolve, RECEIPT_INTERVAL_MS))
  }
  throw new NotMinedError(sent.name, sent.hash)
}

function isFinal({ finality, ...node }: Deployer): Judge {
  if (finality === undefined || finality.kind === 'instant') return () => true
  const [tag, depth] = finality.kind === 'tag' ? FINALIZED : (['latest', finality.depth] as const)
  return async ({ blockNumber }) => (await Reader.height(node, tag)) - Number(blockNumber) >= depth
}

const FINALIZED = ['finalized', 0] as const

/** The chain mined a step and undid it. */
export class RevertedError extends BallotstormError {
  override readonly name = 'Sender.RevertedError'
  readonly code = 'DEPLOYMENT_REVERTED'
  readonly exitCode = 107
  readonly remedy = "Compare the gas that the transaction used with the block's limit."
  constructor(step: string, hash: string) {
    super(`The chain refused to ${step} (transaction ${hash}).`)
  }
}

/** The chain took a step and did not mine it, or not deep enough. */
export class NotMinedError extends BallotstormError {
  override readonly name = 'Sender.NotMinedError'
  readonly code = 'DEPLOYMENT_NOT_MINED'
  readonly exitCode = 107
  readonly remedy =
    'Check that the height of the chain grows, and that its blocks have room for the transaction.'
  constructor(step: string, hash: string) {
    super(
      `The chain did not mine the transaction to ${step} (${hash}) for good within ${RECEIPT_TIMEOUT_MS / 1000} s.`,
    )
  }
}
