import { encodeRlp, Transaction } from 'ethers'

import * as Address from '../../scenarios/ballots/Address.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as Signature from '../../scenarios/ballots/Signature.ts'
import { word } from '../../scenarios/ballots/word.ts'
import type { Call } from './carriers/Carrier.ts'

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
export function sign(from: Account, call: Call, nonce: number): Signed {
  const fields = [
    toField(nonce),
    toField(from.gasPriceWei),
    toField(call.gasLimit),
    call.to,
    '0x',
    toHex(call.data),
  ]
  // By hand, as is the carriers' calldata: ethers takes three times as long for 400 ballots.
  const digest = keccak256(toBytes(encodeRlp([...fields, toField(from.chainId), '0x', '0x'])))
  const signature = Signature.sign(digest, from.privateKey)
  const recovery = (signature[64] ?? 0) - 27
  const v = toField(from.chainId * 2 + 35 + recovery)
  const r = withoutZeros(signature.subarray(0, 32))
  const s = withoutZeros(signature.subarray(32, 64))
  const raw = toBytes(encodeRlp([...fields, v, r, s]))
  return { nonce, raw, hash: toHex(keccak256(raw)) }
}

/** The call in a signed transaction, and the transaction's hash. */
export function decode(raw: Uint8Array): { hash: string; to: string; data: Buffer } {
  const transaction = Transaction.from(toHex(raw))
  return {
    hash: transaction.hash ?? '',
    to: transaction.to?.toLowerCase() ?? '',
    data: toBytes(transaction.data),
  }
}

/** A number as RLP wants it: no leading zeros, nothing for 0. */
function toField(value: number): string {
  return withoutZeros(word(value))
}

function withoutZeros(bytes: Buffer): string {
  const start = bytes.findIndex((byte) => byte !== 0)
  return start === -1 ? '0x' : toHex(bytes.subarray(start))
}

function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

function toBytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex')
}
