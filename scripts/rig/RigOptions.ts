import type { Design } from '../../chain/designs/Design.ts'
import type { Kind } from '../../chain/networks/kinds.ts'
import type { Finality } from '../../scenarios/ballots/Finality.ts'

/** What a rig is built from; every storm on it shares these. */
export type RigOptions = {
  design: Design
  /** Undefined where the design has no chain. */
  network: Kind | undefined
  /** Of the network `external`. */
  rpcUrls: readonly string[]
  /** These three have no say over an external network. */
  validatorCount: number
  blockTimeMs: number
  gasLimit: number
  /** Undefined: the network's own rule. */
  finality: Finality | undefined
  /** Keys of nodes, roles and voters follow from it. */
  seed: string
  /** Processes of the voting API behind one database; the voters' ballots are spread over them. */
  apiReplicas: number
  relayers: number
  /** Ballots in a batch at most. Undefined: the relayer's own bound. */
  batchSize: number | undefined
  /** A PostgreSQL that is there already. */
  postgresUrl: string | undefined
  /** Of a funded account, for a chain with a gas price. */
  deployerKeyFile: string | undefined
  /** A deployment of 2017 that is there already, and the key of its owner. */
  externalDeployment: { root: string; ownerKeyFile: string } | undefined
  /** A voting API that is not ours, and the address that signs its receipts. */
  externalApi: { url: string; receiptSigner: string } | undefined
  allowTargetsFile: string | undefined
}
