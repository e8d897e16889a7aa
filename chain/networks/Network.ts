import type { Finality } from '../../scenarios/ballots/Finality.ts'
import type { Part } from '../processes/Part.ts'

/** A network that is ready: peered, growing, and sealed by a quorum. */
export type Network = {
  /** A name of `kinds.ts`. */
  kind: string
  /** JSON-RPC of the nodes that take transactions; validators first. */
  rpcUrls: string[]
  /** JSON-RPC of the node to read from: one that does not validate, where there is one. */
  observerUrl: string
  /**
   * JSON-RPC of the nodes at which voters hand in their own transactions: not validators, where
   * there are others.
   */
  voterUrls: string[]
  metricsTargets: MetricsTarget[]
  chainId: number
  genesisHash: string
  clientVersion: string
  /** Addresses of the validators; undefined where neither nodes nor chain tell. */
  validators: string[] | undefined
  /** How they seal blocks, where the seals are of a kind that can be checked. */
  seals: 'qbft' | 'clique' | undefined
  /** Its processes: validators in the order of `rpcUrls`, then the observer; empty where we started none. */
  parts: Part[]
  finality: Finality
  /** Whether a transaction with a gas price of 0 is left lying. */
  isPriced: boolean
  /** Milliseconds between two blocks under load. */
  blockTimeMs: number
  /** Gas in a block. */
  gasLimit: number
  /** Stops what was started for it; nothing where it was there before. */
  stop(): Promise<void>
}

/** What Prometheus scrapes. */
export type MetricsTarget = {
  job: string
  /** `host:port` */
  target: string
  path: string
}

/** A private chain id that no public network uses; spools of one run fit the next. */
export const CHAIN_ID_DEFAULT = 8995
