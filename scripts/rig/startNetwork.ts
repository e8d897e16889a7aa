import { join } from 'node:path'

import * as Anvil from '../../chain/networks/anvil.ts'
import * as External from '../../chain/networks/external.ts'
import type { Kind, Network } from '../../chain/networks/Network.ts'
import { validatorNetworks } from '../network/validatorNetworks.ts'
import { UsageError } from '../UsageError.ts'
import type { Host } from './Host.ts'
import type { ResolvedTools } from './resolveTools.ts'
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

/**
 * Starts the network, or connects to the external one. It can carry one rig after the other.
 *
 * @throws {UsageError} where the design and the price of the chain do not go together.
 */
export async function startNetwork(
  host: Host,
  kind: Kind,
  options: RigOptions,
  tools: ResolvedTools,
): Promise<NetworkStage> {
  host.progress.step(`network ${kind}`)
  const { network, gasPriceWei } = await start(host, kind, options, tools)
  if (network.isPriced) assertPayable(options)
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
  options: RigOptions,
  tools: ResolvedTools,
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

/** On a chain with a gas price somebody must pay: voters cannot, so only the relayer can. */
function assertPayable({ design, deployerKeyFile, foreign }: RigOptions): void {
  if (design.path === 'direct') {
    throw new UsageError([
      'This chain has a gas price, and with --design direct each voter would need funds: take --design relayed, or a chain with gas price 0.',
    ])
  }
  if (deployerKeyFile === undefined && foreign === undefined) {
    throw new UsageError([
      'This chain has a gas price: name a funded account by --deployer-key-file, or take a chain with gas price 0.',
    ])
  }
}
