import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as Readiness from '../processes/Readiness.ts'
import { awaitQuorum } from './awaitQuorum.ts'
import * as GethNetwork from './GethNetwork.ts'
import * as GethNode from './GethNode.ts'
import * as GethOptions from './GethOptions.ts'
import type { Network } from './Network.ts'
import * as QbftGenesis from './QbftGenesis.ts'
import * as QbftNode from './QbftNode.ts'
import type { NetworkKind } from './NetworkKind.ts'
import { GETH } from './bounds.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'

/** From start to JSON-RPC takes 1 s on a quiet machine. */
const NODE_READY_TIMEOUT_MS = 30_000
/** The first blocks of all proposers take about 8 s on a quiet machine. */
const QUORUM_TIMEOUT_MS = 60_000

/** Validators with instant finality. */
export const kind = {
  choices: GETH,
  tool: 'goquorum',
  start: async (options) => ({ network: await start(options), gasPriceWei: 0n }),
} as const satisfies NetworkKind

/**
 * Starts a private GoQuorum network: validators, and one node that seals nothing. Real processes,
 * loopback only, no discovery, no gas price, instant finality.
 *
 * GoQuorum is unmaintained since 2022: for laboratories only.
 *
 * @param options - `binary` is GoQuorum 22.7.4.
 * @throws GethOptions.OptionsError, GethNode.InitError, awaitQuorum.NoQuorumError and the
 * supervisor's errors.
 */
export async function start(options: GethOptions.GethOptions): Promise<Network> {
  const { supervisor, binary, dataFolder, seed } = options
  const shape = GethOptions.shape(options)
  const { validatorCount, blockTimeMs, gasLimit, chainId } = shape
  const nodes = await GethNode.plan({ dataFolder, seed, chainId, validatorCount })
  for (const node of nodes) GethNode.writeFiles(node, nodes)
  const genesis = QbftGenesis.create({
    chainId,
    blockPeriodS: blockTimeMs / 1000,
    gasLimit,
    validators: nodes.filter(({ isValidator }) => isValidator).map(({ key }) => key.address),
  })
  const genesisFile = join(dataFolder, 'genesis.json')
  writeFileSync(genesisFile, JSON.stringify(genesis, undefined, 2))
  const program = { binary, flags: ['--nousb'], environment: QbftNode.ENVIRONMENT }
  await Promise.all(nodes.map((node) => GethNode.init(node, genesisFile, program)))
  await Promise.all(nodes.map((node) => startNode(options, node, shape)))
  await awaitQuorum({
    rpcUrls: nodes.map(GethNode.rpcUrl),
    observerUrl: GethNetwork.observerUrl(nodes),
    validatorCount,
    timeoutMs: QUORUM_TIMEOUT_MS,
  })
  const finality = { kind: 'instant' } as const
  return GethNetwork.describe({ kind: 'qbft', seals: 'qbft', nodes, shape, finality, supervisor })
}

async function startNode(
  { supervisor, binary }: GethOptions.GethOptions,
  node: GethNode.GethNode,
  shape: GethOptions.Shape,
): Promise<void> {
  const url = GethNode.rpcUrl(node)
  await supervisor.start({
    name: node.name,
    command: binary,
    args: QbftNode.args(node, shape),
    env: QbftNode.ENVIRONMENT,
    ready: (context) =>
      Readiness.until(context, () => Rpc.call(url, { method: 'eth_chainId' }, Rpc.Quantity)),
    readyTimeoutMs: NODE_READY_TIMEOUT_MS,
  })
}
