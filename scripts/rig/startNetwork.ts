import { join } from 'node:path'

import { kinds, type Kind } from '../../chain/networks/kinds.ts'
import type { Network } from '../../chain/networks/Network.ts'
import type { Tool } from '../Tools.ts'
import { UsageError } from '../UsageError.ts'
import type { Host } from './Host.ts'
import type { RigOptions } from './RigOptions.ts'

/** A network that answers, what a transaction costs on it, and what rigs have left on it. */
export type NetworkStage = {
  /** Owns its processes. */
  host: Host
  network: Network
  /** 0 but on a priced external chain. */
  gasPriceWei: bigint
  /** Deployments of ours so far: each sends from accounts of its own. */
  deploymentCount: number
  /** Seeds whose voters have sent transactions of their own: their nonces are used up. */
  spentSeeds: Set<string>
}

/** What of a rig's options a network is made from. */
export type NetworkOptions = Pick<
  RigOptions,
  | 'rpcUrls'
  | 'validatorCount'
  | 'blockTimeMs'
  | 'gasLimit'
  | 'finality'
  | 'seed'
  | 'allowTargetsFile'
>

/** The program of the nodes, where they need one. */
type NodeTools = { nodes: Pick<Tool, 'path'> | undefined }

/** Starts the network, or connects to the external one. It can carry one rig after the other. */
export async function startNetwork(
  host: Host,
  kind: Kind,
  options: NetworkOptions,
  { nodes }: NodeTools,
): Promise<NetworkStage> {
  host.progress.step(`network ${kind}`)
  const { tool, start } = kinds[kind]
  if (tool !== undefined && nodes === undefined) {
    throw new UsageError([`--network ${kind} needs ${tool}.`])
  }
  const { network, gasPriceWei } = await start({
    ...options,
    supervisor: host.supervisor,
    binary: nodes?.path ?? '',
    dataFolder: join(host.dataFolder, 'network'),
    onRetry: (reason) => host.progress.note(reason),
  })
  const finality = options.finality ?? network.finality
  return {
    host,
    network: { ...network, finality },
    gasPriceWei,
    deploymentCount: 0,
    spentSeeds: new Set(),
  }
}
