import type { Finality } from '../../scenarios/ballots/Finality.ts'
import type { BatchSubmitter } from './submitters/BatchSubmitter.ts'
import type { Chain } from './Chain.ts'
import type { Journal } from './Journal.ts'
import type { Metrics } from './Metrics.ts'
import type { Account } from './Transaction.ts'
import type { Window } from './Window.ts'

/** What the steps work with; handed in, so that a test can put itself between. */
export type Parts = {
  journal: Journal
  chain: Chain
  submitter: BatchSubmitter
  account: Account
  metrics: Metrics
  limits: Limits
  /** A line for people, without time or newline. */
  log: (line: string) => void
  /** Monotonic milliseconds. */
  now: () => number
}

/** The relayer's bounds and the network's habits, from its configuration. */
export type Limits = {
  finality: Finality
  blockTimeMs: number
  batchBallotsMax: number
  /** @default the submitter's */
  batchesInFlightMax?: number | undefined
  leaseMs: number
}

/**
 * What the relayer knows beyond the journal. All of it can be had again from journal and chain (see
 * `resume`), so that nothing is lost with the process.
 */
export type State = {
  window: Window
  /** Where the window begins. */
  firstNumber: number
  /** Signed nonces start here if the journal knows of none: the account was in use before. */
  nonceMin: number
  /** Halved when a batch is reverted, doubled when one is counted. */
  batchBallotsMax: number
  /** By {@link Parts.now}: when a batch was last cast that was not full. */
  partialClaimAtMs: number
  /** By {@link Parts.now}: when leases were last renewed and those of the dead looked for. */
  maintainedAtMs: number
  /** By {@link Parts.now}: not before this is a transaction that no node takes offered again. */
  resendNotBeforeMs: number
  /** Since when transactions wait for a lower nonce. */
  nonceGapSinceMs: number | undefined
}
