import type { PollOnChain } from '../../../chain/contracts/deploy.ts'
import type { Config as RelayerConfig } from '../../../chain/relayer/Config.ts'
import type { Config as WitnessConfig } from '../../../metrics/witness/Config.ts'
import type * as Poll from '../../../scenarios/ballots/Poll.ts'
import type { Progress } from '../../Progress.ts'
import type { RigOptions } from '../RigOptions.ts'
import type { NetworkStage } from '../startNetwork.ts'

/** What a design's contracts are deployed with. */
export type DeployContext = {
  options: RigOptions
  progress: Progress
  /** Undefined where the design has no chain. */
  stage: NetworkStage | undefined
  /** The accounts of this deployment follow from it. */
  accountSeed: string
  /** The voters' addresses, and the commitment to them. */
  registerFile: string
  registerCommitment: Buffer
  /** The first storm's polls, as its plan would hold them. */
  polls: readonly Poll.Poll[]
}

/** A poll's times in Unix seconds. */
export type Times = Pick<PollOnChain, 'opensAt' | 'closesAt' | 'sealsAt'>

/** How relayers submit ballots. */
export type Submission = {
  submitter: RelayerConfig['submitter']
  /** Where the contract obeys one account only, there can be one relayer only. */
  relayersMax: number
  /** Private key of the account of a relayer, counted from 1. */
  key(number: number): Buffer
}

/** A design's contracts on a chain, ready for polls; what the other parts need to know of them. */
export type Deployment = {
  chainId: number
  /** What ballots are bound to, with the chain id: `0x` and 40 hex digits. */
  verifyingContract: string
  /** Keccak-256 of its code; 32 zero bytes where there is none. */
  codeHash: string
  /** No ballot lies in an earlier block. */
  fromBlock: number
  /** The first storm's polls as they will be held: the given ones, or those of a deployment that was there. */
  polls: Poll.Poll[]
  /** Whether polls of a later storm can be opened here; their ids go on from those that were. */
  takesMorePolls: boolean
  /** What the witness reads; undefined where there is no chain. */
  target: WitnessConfig['target'] | undefined
  /** Undefined where nothing is submitted. */
  submission: Submission | undefined
  /** Whether blocks past `sealsAt` count no ballot. */
  isSealedByContract: boolean
  /** Opens a storm's polls, once its times are known; there are as many times as polls. */
  openPolls(polls: readonly Poll.Poll[], times: readonly Times[]): Promise<PollOnChain[]>
  /** The contract's own count by choice; undefined where no contract counts, then the API tells. */
  tally: ((pollId: number) => Promise<number[]>) | undefined
}
