/** A ballot on its way to the chain. */
export type Ballot = {
  pollId: number
  voterIndex: number
  choice: number
  /** The voter's, 65 bytes; `undefined` where the API keeps none (`record: 'database'`). */
  signature: Uint8Array | undefined
}

/** A call that brings ballots to a contract. */
export type Call = {
  /** The contract, lower-case hex. */
  to: string
  data: Uint8Array
  /** Never more than the block's. */
  gasLimit: number
}
