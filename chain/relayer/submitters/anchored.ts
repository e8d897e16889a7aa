import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import type { Log } from '../Chain.ts'
import type { Ballot } from '../Call.ts'
import { inOrder, type BatchResult, type BatchSubmitter } from './BatchSubmitter.ts'

/** With each ballot of another poll 55 KB: always below the 64 KiB that GoQuorum takes. */
const BATCH_BALLOTS_MAX = 5000

/** 60,000 ballots, more than a database hands out in a block time; a pool may grant only 16. */
const IN_FLIGHT_MAX = 12

/** Five bytes of calldata at 16 gas; the contract does not look at single ballots. */
const GAS_PER_BALLOT = 100

/** Gas for each group: six bytes, and the poll's slot, read cold and written. */
const GAS_PER_GROUP = 8000

/** The transaction itself, the root in a slot of its own, the event, and the memory. */
const GAS_PER_BATCH = 250_000

/**
 * Packed batches and their Merkle root to the BallotAnchor. It has one owner, so there is one
 * account, and it does not know who voted: a ballot that comes twice stands there twice.
 */
export function anchored({ ballotAnchor }: { ballotAnchor: string }): BatchSubmitter {
  return {
    contracts: [ballotAnchor],
    isGuarded: false,
    batchBallotsMax: BATCH_BALLOTS_MAX,
    batchesInFlightMax: () => IN_FLIGHT_MAX,
    ballotsFitting: (blockGasLimit) =>
      Math.max(1, Math.floor((blockGasLimit - GAS_PER_BATCH - GAS_PER_GROUP) / GAS_PER_BALLOT)),
    encode(ballots, blockGasLimit) {
      const sorted = inOrder(ballots)
      const data = Anchor.calldata(Anchor.root(sorted), Anchor.encode(sorted))
      return { to: ballotAnchor, data, gasLimit: Math.min(gasOf(sorted), blockGasLimit) }
    },
    decode: ({ data }) =>
      Anchor.decode(Anchor.packedOf(data)).map((ballot) => ({ ...ballot, signature: undefined })),
    judge: async ({ chain }, block) => read(await chain.logs(block.hash, ballotAnchor)),
  }
}

function gasOf(sorted: readonly Ballot[]): number {
  const groups = new Set(sorted.map(({ pollId }) => pollId)).size
  return GAS_PER_BATCH + groups * GAS_PER_GROUP + sorted.length * GAS_PER_BALLOT
}

const EVENT = Anchor.ballotAnchor.getEvent('BallotsAnchored')

/** A batch without its event was reverted: the contract takes all of it or nothing. */
function read(logs: readonly Log[]): Map<string, BatchResult> {
  const outcomes = new Map<string, BatchResult>()
  for (const { transactionHash, topics, data } of logs) {
    if (topics[0] !== EVENT?.topicHash) continue
    const { ballots } = Anchor.ballotAnchor.decodeEventLog('BallotsAnchored', data, topics)
    outcomes.set(transactionHash, { ballotCount: Number(ballots), skips: [] })
  }
  return outcomes
}
