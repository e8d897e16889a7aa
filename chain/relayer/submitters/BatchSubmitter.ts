import type { Block, Chain } from '../Chain.ts'
import type { Ballot, Call } from '../Call.ts'
import type { Journal, Skip } from '../Journal.ts'

/** What became of a batch that is in a block: how many ballots it held, and which did not count. */
export type BatchResult = { ballotCount: number; skips: Skip[] }

/** A transaction of ours in a block. */
export type Mined = { batchId: number; transactionHash: string }

/**
 * All that differs between the designs in which a relayer carries ballots: a plain record, made by
 * one of the files beside this one.
 */
export type BatchSubmitter = {
  /** What must stand on the chain before anything is signed. */
  contracts: readonly string[]
  /**
   * Whether the contract counts a ballot once, however often it is carried. Where it does not, a
   * batch that was signed is never released as long as its transaction may still be mined.
   */
  isGuarded: boolean
  /** Ballots in a transaction, where the configuration does not say. */
  batchBallotsMax: number
  /** Transactions under way at once, where the configuration does not say. */
  batchesInFlightMax(blockGasLimit: number): number
  /** Ballots of one poll that a block of this gas limit surely holds in one transaction. */
  ballotsFitting(blockGasLimit: number): number
  /** Looks at the chain before the first ballot. @param from - the relayer's account. */
  prepare?: ((chain: Chain, from: string) => Promise<void>) | undefined
  /** The call that carries these ballots; deterministic. */
  encode(ballots: readonly Ballot[], blockGasLimit: number): Call
  /** The ballots in a call that {@link encode} made, without signatures where there are none. */
  decode(call: Pick<Call, 'to' | 'data'>): Ballot[]
  /**
   * What became of our transactions in a block, by hash. One that is missing from the answer was
   * reverted whole.
   */
  judge(
    parts: {
      chain: Chain
      journal: Pick<Journal, 'own' | 'transactions' | 'releasedTransactions'>
    },
    block: Block,
    mined: readonly Mined[],
  ): Promise<Map<string, BatchResult>>
}

/** Ballots by poll and voter: neighbours share words of a bitmap, chunks of a register, groups. */
export function inOrder(ballots: readonly Ballot[]): Ballot[] {
  return ballots.toSorted((a, b) => a.pollId - b.pollId || a.voterIndex - b.voterIndex)
}
