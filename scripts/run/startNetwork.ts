import { join } from 'node:path'

import * as Anvil from '../../chain/networks/anvil.ts'
import * as External from '../../chain/networks/external.ts'
import type { Network } from '../../chain/networks/Network.ts'
import { validatorNetworks } from '../network/validatorNetworks.ts'
import { UsageError } from '../UsageError.ts'
import type { ResolvedTools } from './resolveTools.ts'
import type { NetworkKind } from './RunOptions.ts'
import type { Workshop } from './Workshop.ts'

/** A network that answers, and what a transaction costs on it. */
export type Started = {
  network: Network
  /** 0 but on a priced external chain. */
  gasPriceWei: bigint
}

/**
 * Starts the network that the user named, else the scenario's, or connects to the external one.
 *
 * @throws {UsageError} where the design and the price of the chain do not go together.
 */
export async function startNetwork(
  workshop: Workshop,
  usual: NetworkKind,
  tools: ResolvedTools,
): Promise<Started> {
  const { options, progress } = workshop
  const kind = options.network ?? usual
  progress.step(`network ${kind}`)
  const started = await start(workshop, kind, tools)
  if (started.network.isPriced) assertPayable(workshop)
  const finality = options.finality ?? started.network.finality
  return { ...started, network: { ...started.network, finality } }
}

async function start(
  workshop: Workshop,
  kind: NetworkKind,
  tools: ResolvedTools,
): Promise<Started> {
  const { options, folder, supervisor, progress } = workshop
  const { blockTimeMs, gasLimit, seed, validatorCount } = options
  if (kind === 'external') {
    const { rpcUrls, allowTargetsFile, finality } = options
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
    dataFolder: join(folder.dataFolder, 'network'),
    seed,
    validatorCount,
    blockTimeMs,
    gasLimit,
    onRetry: (reason) => progress.note(reason),
  })
  return { network, gasPriceWei: 0n }
}

/** On a chain with a gas price somebody must pay: voters cannot, so only the relayer can. */
function assertPayable({ options }: Workshop): void {
  if (options.design.path === 'direct') {
    throw new UsageError([
      'This chain has a gas price, and with --design direct each voter would need funds: take --design relayed, or a chain with gas price 0.',
    ])
  }
  if (options.deployerKeyFile === undefined && options.foreign === undefined) {
    throw new UsageError([
      'This chain has a gas price: name a funded account by --deployer-key-file, or take a chain with gas price 0.',
    ])
  }
}
