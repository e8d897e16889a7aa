/**
 * A trust design: who must be believed for the result to stand. A plain record; `scripts/` wires
 * the parts that it names.
 */
export type Design = {
  name: string
  /** One sentence for help and report. */
  description: string
  /** Whom a voter must believe, as the end of "one must trust …". */
  trusted: string
  /** What an outside reader of the chain can check. */
  readerChecks: string
  /** What leaves the generator: signed ballots to an API, or transactions to a node. */
  path: 'api' | 'rpc'
  /** What stands on the chain. */
  contracts: 'none' | 'ballot-box' | 'anchored' | 'active-citizen-2017'
  /** Parts of the system under test beside the network. */
  parts: readonly ('database' | 'api' | 'relayer')[]
  /**
   * Where a ballot counts. In a database the signature of a request only stands in for the login:
   * it is checked at the door and then discarded.
   */
  record: 'chain' | 'database'
  /** What the books are held against. */
  witness: 'chain' | 'mirror' | 'database'
  /**
   * Ballots that a transaction of the relayer holds at most: GoQuorum takes no more than 64 KiB.
   * 0 without a relayer.
   */
  batchBallotsMax: number
  /** The network of the design, where the user does not say otherwise. */
  network: { validatorCount: number; blockTimeMs: number; gasLimit: number }
  /**
   * Ballots a second of the load that looks for its capacity: as many as two cores still fire that
   * carry everything else beside it. What is not brought to its limit by them is told as "at least".
   */
  overloadPerS: number
}

/** Four validators bear the loss of one; 60 Mgas is what two cores execute in a second. */
export const DEFAULT_NETWORK: Design['network'] = {
  validatorCount: 4,
  blockTimeMs: 1000,
  gasLimit: 60_000_000,
}
