import { Transaction, Wallet } from 'ethers'

import type { Ballot } from '../../scenarios/ballots/Ballot.ts'
import * as Batch from '../../scenarios/ballots/Batch.ts'
import * as Contract from '../../scenarios/ballots/Contract.ts'

/** The relayer's account on the chain, and what its transactions are bound to. */
export type Account = {
  /** Lower-case hex. */
  address: string
  chainId: number
  /** The BallotBox, lower-case hex. */
  ballotBox: string
  /** Signs the hash of a transaction. */
  sign: Wallet['signingKey']['sign']
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
 * (35,700 measured, facts.md §3), or skipped with an event (less). What is not used is given back,
 * so a bound costs nothing but room in the block while it is being built.
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
export function account(options: {
  privateKey: Uint8Array
  chainId: number
  ballotBox: string
}): Account {
  const wallet = new Wallet(`0x${Buffer.from(options.privateKey).toString('hex')}`)
  return {
    address: wallet.address.toLowerCase(),
    chainId: options.chainId,
    ballotBox: options.ballotBox,
    sign: (hash) => wallet.signingKey.sign(hash),
  }
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
 * Builds and signs the transaction of a batch: legacy form, bound to the chain (EIP-155), gas price
 * 0. The ballots are sorted by poll and voter, so that neighbours share words of the bitmap and
 * chunks of the register; deterministic for the same ballots and nonce.
 */
export function sign(
  from: Account,
  ballots: readonly Ballot[],
  options: { nonce: number; blockGasLimit: number },
): Signed {
  const sorted = ballots.toSorted((a, b) => a.pollId - b.pollId || a.voterIndex - b.voterIndex)
  const transaction = Transaction.from({
    type: 0,
    chainId: from.chainId,
    nonce: options.nonce,
    to: from.ballotBox,
    gasPrice: 0,
    gasLimit: gasLimit(sorted, options.blockGasLimit),
    data: Contract.ballotBox.encodeFunctionData('castBatch', [Batch.encode(sorted)]),
  })
  transaction.signature = from.sign(transaction.unsignedHash)
  const raw = Buffer.from(transaction.serialized.slice(2), 'hex')
  return { nonce: options.nonce, raw, hash: transaction.hash ?? '' }
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
