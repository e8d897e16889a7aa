import { join } from 'node:path'

import * as Anvil from '../../chain/networks/anvil.ts'
import * as External from '../../chain/networks/external.ts'
import type { Kind, Network } from '../../chain/networks/Network.ts'
import { validatorNetworks } from '../network/validatorNetworks.ts'
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

/** The programs of the nodes. */
type NodeTools = { [Name in 'goquorum' | 'geth']: Pick<Tool, 'path'> | undefined }

/** Starts the network, or connects to the external one. It can carry one rig after the other. */
export async function startNetwork(
  host: Host,
  kind: Kind,
  options: NetworkOptions,
  tools: NodeTools,
): Promise<NetworkStage> {
  host.progress.step(`network ${kind}`)
  const { network, gasPriceWei } = await start(host, kind, options, tools)
  const finality = options.finality ?? network.finality
  return {
    host,
    network: { ...network, finality },
    gasPriceWei,
    deploymentCount: 0,
    spentSeeds: new Set(),
  }
}

async function start(
  { supervisor, dataFolder, progress }: Host,
  kind: Kind,
  options: NetworkOptions,
  tools: NodeTools,
): Promise<{ network: Network; gasPriceWei: bigint }> {
  const { blockTimeMs, gasLimit, seed, validatorCount } = options
  if (kind === 'external') {
    const { allowTargetsFile, finality } = options
    const rpcUrls = [...options.rpcUrls]
    return External.connect({ rpcUrls, allowTargetsFile, finality, blockTimeMs })
  }
  if (kind === 'anvil') {
    return { network: await Anvil.start({ supervisor, blockTimeMs, gasLimit }), gasPriceWei: 0n }
  }
  const { tool, start: startNodes } = validatorNetworks[kind]
  const binary = tools[tool]?.path
  if (binary === undefined) throw new UsageError([`--network ${kind} needs ${tool}.`])
  const network = await startNodes({
    supervisor,
    binary,
    dataFolder: join(dataFolder, 'network'),
    seed,
    validatorCount,
    blockTimeMs,
    gasLimit,
    onRetry: (reason) => progress.note(reason),
  })
  return { network, gasPriceWei: 0n }
}
