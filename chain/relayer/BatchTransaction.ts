import { encodeRlp, Transaction } from 'ethers'

import * as Address from '../../scenarios/ballots/Address.ts'
import type { Ballot } from '../../scenarios/ballots/Ballot.ts'
import * as Batch from '../../scenarios/ballots/Batch.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as Signature from '../../scenarios/ballots/Signature.ts'
import { word } from '../../scenarios/ballots/word.ts'

/** The relayer's account on the chain, and what its transactions are bound to. */
export type Account = {
  /** Lower-case hex. */
  address: string
  chainId: number
  /** The BallotBox, lower-case hex. */
  ballotBox: string
  /** What a transaction pays for its gas. */
  gasPriceWei: number
  /** 32 bytes. */
  privateKey: Uint8Array
}

/** A batch as the chain takes it: signed once, sent as often as it takes, never signed anew. */
export type Signed = {
  nonce: number
  /** About 80 bytes a ballot. */
  raw: Buffer
  /** Lower-case hex. */
  hash: string
}

/**
 * Gas for a ballot at the worst: a fresh bitmap word and another chunk of the register for each
 * (31,200 measured, chain/contracts/gas.json; 36,000 allowed), or skipped with an event (less).
 * What is not used is given back, so a bound costs nothing but room in the block while it is built.
 */
const GAS_PER_BALLOT = 38_000

/** Gas for each poll in a batch besides its counts: its slots and its digest, read cold. */
const GAS_PER_POLL = 20_000

/** Gas for each word of counts that is written for the first time; a poll has 32 at most. */
const GAS_PER_COUNT_WORD = 22_200
const COUNT_WORDS_MAX = 32

/** The transaction itself, the batch's own event and the memory for its calldata. */
const GAS_PER_BATCH = 100_000

/** The account of a private key (32 bytes). */
export function account(options: Omit<Account, 'address'>): Account {
  return { ...options, address: Address.toHex(Address.fromPrivateKey(options.privateKey)) }
}

/** Ballots of one poll that a block of this gas limit surely holds in one batch. */
export function ballotsMax(blockGasLimit: number): number {
  const besides = GAS_PER_BATCH + GAS_PER_POLL + COUNT_WORDS_MAX * GAS_PER_COUNT_WORD
  return Math.max(1, Math.floor((blockGasLimit - besides) / GAS_PER_BALLOT))
}

/** Gas limit of a batch: the sum of the bounds, never more than the block's. */
export function gasLimit(ballots: readonly Ballot[], blockGasLimit: number): number {
  const ballotsOf = new Map<number, number>()
  for (const { pollId } of ballots) ballotsOf.set(pollId, (ballotsOf.get(pollId) ?? 0) + 1)
  let gas = GAS_PER_BATCH + ballots.length * GAS_PER_BALLOT
  for (const count of ballotsOf.values()) {
    gas += GAS_PER_POLL + Math.min(count, COUNT_WORDS_MAX) * GAS_PER_COUNT_WORD
  }
  return Math.min(gas, blockGasLimit)
}

/**
 * Builds and signs the transaction of a batch: legacy form, bound to the chain (EIP-155). The
 * ballots are sorted by poll and voter, so that neighbours share words of the bitmap and
 * chunks of the register; deterministic for the same ballots and nonce.
 */
export function sign(
  from: Account,
  ballots: readonly Ballot[],
  options: { nonce: number; blockGasLimit: number },
): Signed {
  const sorted = ballots.toSorted((a, b) => a.pollId - b.pollId || a.voterIndex - b.voterIndex)
  const fields = [
    toField(options.nonce),
    toField(from.gasPriceWei),
    toField(gasLimit(sorted, options.blockGasLimit)),
    from.ballotBox,
    '0x',
    toHex(calldata(Batch.encode(sorted))),
  ]
  const digest = keccak256(toBytes(encodeRlp([...fields, toField(from.chainId), '0x', '0x'])))
  const signature = Signature.sign(digest, from.privateKey)
  const recovery = (signature[64] ?? 0) - 27
  const v = toField(from.chainId * 2 + 35 + recovery)
  const r = withoutZeros(signature.subarray(0, 32))
  const s = withoutZeros(signature.subarray(32, 64))
  const raw = toBytes(encodeRlp([...fields, v, r, s]))
  return { nonce: options.nonce, raw, hash: toHex(keccak256(raw)) }
}

/** The ballots in a signed batch, in their order, and the transaction's hash. */
export function decode(raw: Uint8Array): { hash: string; ballots: Ballot[] } {
  const transaction = Transaction.from(`0x${Buffer.from(raw).toString('hex')}`)
  const [packed] = Contract.ballotBox.decodeFunctionData('castBatch', transaction.data)
  return {
    hash: transaction.hash ?? '',
    ballots: Batch.decode(Buffer.from(String(packed).slice(2), 'hex')),
  }
}

const SELECTOR = toBytes(Contract.ballotBox.encodeFunctionData('castBatch', ['0x']).slice(0, 10))

/** By hand, as are the transaction's hashes: ethers takes 14 ms for 400 ballots, this 5. */
function calldata(packed: Buffer): Buffer {
  const padding = Buffer.alloc((32 - (packed.length % 32)) % 32)
  return Buffer.concat([SELECTOR, word(32), word(packed.length), packed, padding])
}

/** A number as RLP wants it: no leading zeros, nothing for 0. */
function toField(value: number): string {
  return withoutZeros(word(value))
}

function withoutZeros(bytes: Buffer): string {
  const start = bytes.findIndex((byte) => byte !== 0)
  return start === -1 ? '0x' : toHex(bytes.subarray(start))
}

function toHex(bytes: Buffer): string {
  return `0x${bytes.toString('hex')}`
}

function toBytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex')
}
