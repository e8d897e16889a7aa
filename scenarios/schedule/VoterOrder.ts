/** Who votes when: each ballot has its poll and voter, and these lead back to it, without a table. */
export type VoterOrder = {
  /** The most ballots there can be. */
  ballotCountMax: number
  /** @param ballot - 0 to {@link VoterOrder.ballotCountMax} − 1. */
  at(ballot: number): { poll: number; voterIndex: number }
  /** Earlier ballots of ballot `ballot`'s voter: the nonce of the voter's own transaction. */
  nonceOf(ballot: number): number
  /** All ballots of a voter in cast order; at index *n* the one with nonce *n*. */
  ballotsOf(voterIndex: number): number[]
}
