import { join } from 'node:path'

import * as Anvil from '../../chain/networks/anvil.ts'
import * as External from '../../chain/networks/external.ts'
import type { Network } from '../../chain/networks/Network.ts'
import * as Qbft from '../../chain/networks/qbft.ts'
import * as Tools from '../Tools.ts'
import { UsageError } from '../UsageError.ts'
import type { NetworkKind } from './RunOptions.ts'
import type { Workshop } from './Workshop.ts'

/** A network that answers, and what a transaction costs on it. */
export type Started = {
  network: Network
  /** 0 but on a priced external chain. */
  gasPriceWei: bigint
  tools: { name: string; version: string; source: string }[]
}

/**
 * Starts the network that the user named, else the scenario's, or connects to the external one.
 *
 * @throws {UsageError} where the design and the price of the chain do not go together.
 */
export async function startNetwork(workshop: Workshop, usual: NetworkKind): Promise<Started> {
  const { options, progress } = workshop
  const kind = options.network ?? usual
  progress.step(`network ${kind}`)
  const started = await start(workshop, kind)
  if (started.network.isPriced) assertPayable(workshop)
  const finality = options.finality ?? started.network.finality
  return { ...started, network: { ...started.network, finality } }
}

async function start(workshop: Workshop, kind: NetworkKind): Promise<Started> {
  const { options, folder, supervisor } = workshop
  const { blockTimeMs, gasLimit, seed, validatorCount } = options
  switch (kind) {
    case 'qbft': {
      const { path, version, source } = await Tools.resolve('goquorum')
      const dataFolder = join(folder.dataFolder, 'network')
      const network = await Qbft.start({
        supervisor,
        binary: path,
        dataFolder,
        seed,
        validatorCount,
        blockTimeMs,
        gasLimit,
      })
      return { network, gasPriceWei: 0n, tools: [{ name: 'goquorum', version, source }] }
    }
    case 'anvil': {
      const network = await Anvil.start({ supervisor, blockTimeMs, gasLimit })
      const tool = { name: 'anvil', version: network.clientVersion, source: 'npm' }
      return { network, gasPriceWei: 0n, tools: [tool] }
    }
    case 'external': {
      const { network, gasPriceWei } = await External.connect({
        rpcUrls: options.rpcUrls,
        allowTargetsFile: options.allowTargetsFile,
        finality: options.finality,
        blockTimeMs,
      })
      return { network, gasPriceWei, tools: [] }
    }
  }
}

/** On a chain with a gas price somebody must pay: voters cannot, so only the relayer can. */
function assertPayable({ options }: Workshop): void {
  if (options.design.path === 'direct') {
    throw new UsageError([
      'This chain has a gas price, and with --design direct each voter would need funds: take --design relayed, or a chain with gas price 0.',
    ])
  }
  if (options.deployerKeyFile === undefined) {
    throw new UsageError([
      'This chain has a gas price: name a funded account by --deployer-key-file, or take a chain with gas price 0.',
    ])
  }
}
