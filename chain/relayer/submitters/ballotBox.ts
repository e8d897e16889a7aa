import * as LegacyTransaction from '../../../scenarios/ballots/LegacyTransaction.ts'
import { BallotstormError } from '../../../scenarios/runtime/BallotstormError.ts'
import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import { word } from '../../../scenarios/ballots/word.ts'
import type { Log } from '../Chain.ts'
import type { Skip } from '../Journal.ts'
import type { Ballot } from '../Call.ts'
import { TOPICS, voterKeyOf } from './ballotBoxEvents.ts'
import { carriedByOthers } from './carriedByOthers.ts'
import { inOrder, type BatchResult, type BatchSubmitter } from './BatchSubmitter.ts'

/** A batch is packed once for all nodes; more ballots would only make the first ones wait. */
const BATCH_BALLOTS_MAX = 400

/**
 * About two blocks' worth: a proposer fills its block from what is in the pool when the last block
 * comes, so that with less under way every second block would be empty.
 */
const IN_FLIGHT_MAX = 24

/**
 * Gas for a ballot at the worst: a fresh bitmap word and another chunk of the register for each
 * (31,200 measured, chain/contracts/gas.json; 36,000 allowed), or skipped with an event (less).
 * What is not used is given back, so a bound costs nothing but room in the block while it is built.
 */
const GAS_PER_BALLOT = 38_000

/**
 * Share of a block's gas that must be free for a batch to go in, however little it then uses: so
 * that batches fill half a block and one more. Fuller ones take a proposer on shared cores longer
 * to build than GoQuorum waits with an empty block, and then nothing is mined with a full pool
 * (measured: 830 ballots/s without, 2,300 to 2,450 with a half, 2,050 with two thirds).
 */
const RESERVED_SHARE = 1 / 2

/** Gas for each poll in a batch besides its counts: its slots and its digest, read cold. */
const GAS_PER_POLL = 20_000

/** Gas for each word of counts that is written for the first time; a poll has 32 at most. */
const GAS_PER_COUNT_WORD = 22_200
const COUNT_WORDS_MAX = 32

/** The transaction itself, the batch's own event and the memory for its calldata. */
const GAS_PER_BATCH = 100_000

/** The contract's reason for a ballot whose voter has voted. */
const ALREADY_VOTED = 7

/** Released transactions that are searched for a ballot, about 30 KiB each. */
const RELEASED_MAX = 256

/** Signed ballots in batches to the BallotBox, which checks and counts each. */
export function ballotBox({ ballotBox: address }: { ballotBox: string }): BatchSubmitter {
  return {
    contracts: [address],
    isGuarded: true,
    batchBallotsMax: BATCH_BALLOTS_MAX,
    batchesInFlightMax: () => IN_FLIGHT_MAX,
    ballotsFitting,
    encode(ballots, blockGasLimit) {
      const sorted = inOrder(ballots)
      const data = calldata(Batch.encode(sorted.map(signedOf)))
      const gasLimit = Math.max(gasOf(sorted), Math.floor(blockGasLimit * RESERVED_SHARE))
      return { to: address, data, gasLimit: Math.min(gasLimit, blockGasLimit) }
    },
    decode: ({ data }) => decode(data),
    async judge({ chain, journal }, block, mined) {
      const outcomes = read(await chain.logs(block.hash, address))
      for (const { batchId, transactionHash: hash } of mined) {
        const outcome = outcomes.get(hash)
        const doubtful = (outcome?.skips ?? []).filter(({ reason }) => reason === ALREADY_VOTED)
        if (outcome === undefined || doubtful.length === 0) continue
        const counted = await countedEarlier(doubtful, {
          released: await journal.releasedTransactions(RELEASED_MAX),
          logs: async (transactionHash) => (await chain.receipt(transactionHash))?.logs ?? [],
        })
        const open = new Set(doubtful.map(voterKeyOf).filter((key) => !counted.has(key)))
        const [kept] = open.size === 0 ? [] : await journal.transactions([batchId])
        const ballots = kept === undefined ? [] : decode(LegacyTransaction.decode(kept.raw).data)
        const ours = ballots.filter((ballot) => open.has(voterKeyOf(ballot)))
        const carried = await carriedByOthers(ours, block, { chain, journal, address })
        for (const ballot of carried) counted.add(voterKeyOf(ballot))
        const skips = outcome.skips.filter(
          (skip) => skip.reason !== ALREADY_VOTED || !counted.has(voterKeyOf(skip)),
        )
        outcomes.set(hash, { ...outcome, skips })
      }
      return outcomes
    },
  }
}

/** Ballots of one poll that a block of this gas limit surely holds in one batch. */
export function ballotsFitting(blockGasLimit: number): number {
  const besides = GAS_PER_BATCH + GAS_PER_POLL + COUNT_WORDS_MAX * GAS_PER_COUNT_WORD
  return Math.max(1, Math.floor((blockGasLimit - besides) / GAS_PER_BALLOT))
}

/** Gas that a batch needs at the worst: the sum of the bounds. */
export function gasOf(ballots: readonly Ballot[]): number {
  const ballotsOf = new Map<number, number>()
  for (const { pollId } of ballots) ballotsOf.set(pollId, (ballotsOf.get(pollId) ?? 0) + 1)
  let gas = GAS_PER_BATCH + ballots.length * GAS_PER_BALLOT
  for (const count of ballotsOf.values()) {
    gas += GAS_PER_POLL + Math.min(count, COUNT_WORDS_MAX) * GAS_PER_COUNT_WORD
  }
  return gas
}

function signedOf({ signature, ...ballot }: Ballot): Ballot & { signature: Uint8Array } {
  if (signature === undefined) throw new UnsignedError(ballot.pollId, ballot.voterIndex)
  return { ...ballot, signature }
}

const SELECTOR = Buffer.from(
  Contract.ballotBox.encodeFunctionData('castBatch', ['0x']).slice(2, 10),
  'hex',
)

/** Calldata before the packed ballots: selector, offset, length. */
const HEAD_BYTES = 4 + 64

/** By hand: ethers takes 14 ms for 400 ballots, this a tenth. */
function calldata(packed: Buffer): Buffer {
  const padding = Buffer.alloc((32 - (packed.length % 32)) % 32)
  return Buffer.concat([SELECTOR, word(32), word(packed.length), packed, padding])
}

function decode(data: Uint8Array): Ballot[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const lengthBytes = bytes.readUInt32BE(HEAD_BYTES - 4)
  return Batch.decode(bytes.subarray(HEAD_BYTES, HEAD_BYTES + lengthBytes))
}

/**
 * The outcomes in a block's (or a receipt's) events, by transaction hash. A batch that is in the
 * block and not in here was reverted whole: it has no `BatchCast`.
 */
export function read(logs: readonly Log[]): Map<string, BatchResult> {
  const skipsOf = new Map<string, Skip[]>()
  const outcomes = new Map<string, BatchResult>()
  for (const { transactionHash, topics, data } of logs) {
    const skips = skipsOf.get(transactionHash) ?? []
    skipsOf.set(transactionHash, skips)
    if (topics[0] === TOPICS.ballotSkipped) {
      const event = Contract.ballotBox.decodeEventLog('BallotSkipped', data, topics)
      skips.push({
        pollId: Number(event['pollId']),
        voterIndex: Number(event['voterIndex']),
        reason: Number(event['reason']),
      })
    } else if (topics[0] === TOPICS.batchCast) {
      const { accepted, skipped } = Contract.ballotBox.decodeEventLog('BatchCast', data, topics)
      outcomes.set(transactionHash, { ballotCount: Number(accepted) + Number(skipped), skips })
    }
  }
  return outcomes
}

/**
 * "Already voted" says nothing against a ballot that a released batch brought to the chain before
 * this one: then the ballot counts, and being in this block too only dates it later. It is a
 * refusal where nobody brought this very choice, so the voter must have voted in another way.
 *
 * @returns keys of the ballots that a released batch brought.
 */
async function countedEarlier(
  doubtful: readonly Skip[],
  {
    released,
    logs,
  }: { released: readonly Buffer[]; logs: (hash: string) => Promise<readonly Log[]> },
): Promise<Set<string>> {
  const wanted = new Set(doubtful.map(voterKeyOf))
  const counted = new Set<string>()
  for (const raw of released) {
    const { hash, data } = LegacyTransaction.decode(raw)
    const shared = decode(data)
      .map(voterKeyOf)
      .filter((key) => wanted.has(key))
    if (shared.length === 0) continue
    const outcome = read(await logs(hash)).get(hash)
    if (outcome === undefined) continue
    const refused = new Set(outcome.skips.map(voterKeyOf))
    for (const key of shared) if (!refused.has(key)) counted.add(key)
  }
  return counted
}

/** A ballot without a signature cannot go to a contract that checks it. */
export class UnsignedError extends BallotstormError {
  override readonly name = 'relayed.UnsignedError'
  readonly code = 'BALLOT_UNSIGNED'
  readonly exitCode = 1
  readonly remedy = 'Run the API with record: "chain".'
  constructor(pollId: number, voterIndex: number) {
    super(
      `The ballot of voter ${voterIndex} in poll ${pollId} has no signature, and the BallotBox wants one.`,
    )
  }
}
