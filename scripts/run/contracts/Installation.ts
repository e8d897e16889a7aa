import type { PollOnChain } from '../../../chain/contracts/deploy.ts'
import type { Config as RelayerConfig } from '../../../chain/relayer/Config.ts'
import type { Config as WitnessConfig } from '../../../metrics/witness/Config.ts'
import type { Network } from '../../../chain/networks/Network.ts'
import type * as Poll from '../../../scenarios/ballots/Poll.ts'
import type { Workshop } from '../Workshop.ts'

/** What a design's contracts are put upon. */
export type Ground = {
  workshop: Workshop
  /** Undefined where the design has no chain. */
  network: Network | undefined
  /** Wei per gas; 0 on the private networks. */
  gasPriceWei: bigint
  /** The voters' addresses, and the commitment to them. */
  registerFile: string
  registerCommitment: Buffer
  /** The storm's polls, as the plan would hold them. */
  polls: readonly Poll.Poll[]
}

/** A poll's times in Unix seconds. */
export type Times = Pick<PollOnChain, 'opensAt' | 'closesAt' | 'sealsAt'>

/** A design's contracts on a chain, ready for polls; what the other parts need to know of them. */
export type Installation = {
  chainId: number
  /** What ballots are bound to, with the chain id: `0x` and 40 hex digits. */
  verifyingContract: string
  /** Keccak-256 of its code; 32 zero bytes where there is none. */
  codeHash: string
  /** No ballot lies in an earlier block. */
  fromBlock: number
  /** The polls as they will be held: the given ones, or those of a deployment that was there. */
  polls: Poll.Poll[]
  /** What the witness reads; undefined where there is no chain. */
  target: WitnessConfig['target'] | undefined
  /** How a relayer carries, and with whose key; undefined where nothing is carried. */
  carriage: { carrier: RelayerConfig['carrier']; key: Buffer } | undefined
  /** Whether blocks past `sealsAt` count no ballot. */
  isSealedByContract: boolean
  /** Opens the polls; called once, when the storm's times are known. */
  openPolls(times: readonly Times[]): Promise<PollOnChain[]>
  /** The contract's own count by choice; undefined where no contract counts, then the API tells. */
  tally: ((pollId: number) => Promise<number[]>) | undefined
}
