import type { Finality } from '../../scenarios/ballots/Finality.ts'
import type { Supervisor } from '../processes/Supervisor.ts'
import type { Choices } from './bounds.ts'
import type { Network } from './Network.ts'

/** All that a network may be made from; each kind takes what it needs. */
export type StartOptions = {
  supervisor: Supervisor
  /** The program of {@link NetworkKind.tool}; empty where there is none. */
  binary: string
  /** Empty or not there yet. */
  dataFolder: string
  seed: string
  /** Undefined: by default. */
  validatorCount: number | undefined
  blockTimeMs: number | undefined
  gasLimit: number | undefined
  /** Of a network that is there. */
  rpcUrls: readonly string[]
  finality: Finality | undefined
  allowTargetsFile: string | undefined
  /** Told in one sentence when a network that did not come to life is started anew. */
  onRetry: (reason: string) => void
}

/** A kind of network that a run can use. */
export type NetworkKind = {
  choices: Choices
  /** What its nodes run, as `scripts/tools` calls it; undefined where nothing has to be built. */
  tool: string | undefined
  /** Starts it, or connects to it; `gasPriceWei` is what a transaction must pay. */
  start(options: StartOptions): Promise<{ network: Network; gasPriceWei: bigint }>
}
