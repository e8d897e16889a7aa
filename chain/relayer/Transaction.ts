import * as Address from '../../scenarios/ballots/Address.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as LegacyTransaction from '../../scenarios/ballots/LegacyTransaction.ts'
import type { Call } from './Call.ts'

/** The relayer's account on the chain, and what its transactions are bound to. */
export type Account = {
  /** Lower-case hex. */
  address: string
  chainId: number
  /** What a transaction pays for its gas. */
  gasPriceWei: number
  /** 32 bytes. */
  privateKey: Uint8Array
}

/** A transaction as the chain takes it: signed once, sent as often as it takes, never anew. */
export type Signed = {
  nonce: number
  raw: Buffer
  /** Lower-case hex. */
  hash: string
}

/** The account of a private key (32 bytes). */
export function account(options: Omit<Account, 'address'>): Account {
  const { chainId, gasPriceWei, privateKey } = options
  const address = Address.toHex(Address.fromPrivateKey(privateKey))
  return { address, chainId, gasPriceWei, privateKey }
}

/** Signs a call as a transaction of the legacy form, bound to the chain (EIP-155); deterministic. */
export function sign(from: Account, { to, data, gasLimit }: Call, nonce: number): Signed {
  const { chainId, gasPriceWei, privateKey } = from
  const transaction = { nonce, gasPriceWei, gasLimit, to: toBytes(to), data }
  const raw = LegacyTransaction.sign(transaction, chainId, privateKey)
  return { nonce, raw, hash: toHex(keccak256(raw)) }
}

function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

function toBytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex')
}
