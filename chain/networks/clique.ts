import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as Readiness from '../processes/Readiness.ts'
import { awaitGrowth, readHeight, StallError } from './awaitGrowth.ts'
import * as CliqueControl from './CliqueControl.ts'
import * as CliqueGenesis from './CliqueGenesis.ts'
import * as CliqueNode from './CliqueNode.ts'
import * as GethNetwork from './GethNetwork.ts'
import * as GethNode from './GethNode.ts'
import * as GethOptions from './GethOptions.ts'
import type { Network } from './Network.ts'
import type { NetworkKind } from './NetworkKind.ts'
import { GETH } from './bounds.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'

/** From start to JSON-RPC and an open account takes 2 s on a quiet machine. */
const NODE_READY_TIMEOUT_MS = 60_000
/** A connection that fails is tried again after 35 s. */
const PEERS_TIMEOUT_MS = 60_000
/** A restarted node seals without peers after this time: all others may be dead. */
const PEER_PATIENCE_MS = 5_000
/** A node that lags behind few peers asks them for their blocks every 10 s only. */
const CATCH_UP_PATIENCE_MS = 30_000

/** Chains that came to a deadlock: about 1 start in 5 was seen to; three in a row mean more. */
const ATTEMPTS_MAX = 4
/** Beside some block times; the slowest start of a chain that lived was well below. */
const STALL_MS = 15_000
const STALL_BLOCKS = 5

/** The nodes, and whether their chain has been opened: whoever is restarted seals at once. */
type Chain = { nodes: GethNode.GethNode[]; shape: GethOptions.Shape; isOpen: boolean }

/** Validators that take blocks back. */
export const kind = {
  choices: GETH,
  tool: 'geth',
  start: async (options) => ({ network: await start(options), gasPriceWei: 0n }),
} as const satisfies NetworkKind

/**
 * Starts a private Clique network: validators, and one node that seals nothing. Real processes,
 * loopback only, no discovery, no gas price. Blocks can vanish again: final is what has
 * {@link finalityDepth} blocks on it.
 *
 * A chain that comes to a deadlock in its first blocks is thrown away and started anew, and
 * `onRetry` is told.
 *
 * @param options - `binary` is geth 1.13, the last that seals Clique blocks.
 * @throws GethOptions.OptionsError, GethNode.InitError, {@link PeersError}, awaitGrowth.StallError
 * and the supervisor's errors.
 */
export async function start(options: GethOptions.GethOptions): Promise<Network> {
  const shape = GethOptions.shape(options)
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options, shape)
    } catch (error) {
      const isDeadlock = error instanceof StallError || error instanceof PeersError
      if (!isDeadlock || attempt === ATTEMPTS_MAX) throw error
      options.onRetry?.(
        `Start ${attempt} of at most ${ATTEMPTS_MAX} did not come to life. ${error.message}`,
      )
    }
  }
}

/**
 * Blocks that must stand on a block until it is final. Of so many successive blocks no two are of
 * one validator, so that a majority has sealed on top of it.
 */
export function finalityDepth(validatorCount: number): number {
  return Math.floor(validatorCount / 2) + 1
}

async function startOnce(
  options: GethOptions.GethOptions,
  shape: GethOptions.Shape,
): Promise<Network> {
  const { supervisor, dataFolder, seed } = options
  const { chainId, validatorCount, blockTimeMs } = shape
  const nodes = await GethNode.plan({ dataFolder, seed, chainId, validatorCount })
  const chain: Chain = { nodes, shape, isOpen: false }
  try {
    await initAll(options, chain)
    await Promise.all(nodes.map((node) => startNode(options, node, chain)))
    await open(options, chain)
    const depth = finalityDepth(validatorCount)
    // By then each of a majority has sealed, and had to wait for the others, twice.
    const height = 2 * depth
    const stallMs = STALL_MS + STALL_BLOCKS * blockTimeMs
    await awaitGrowth({ rpcUrls: nodes.map(GethNode.rpcUrl), height, stallMs })
    const finality = { kind: 'depth', depth } as const
    return await GethNetwork.describe({
      kind: 'clique',
      seals: 'clique',
      nodes,
      shape,
      finality,
      supervisor,
    })
  } catch (error) {
    await discard(options, nodes)
    throw error
  }
}

async function initAll(
  { binary, dataFolder }: GethOptions.GethOptions,
  { nodes, shape }: Chain,
): Promise<void> {
  const validators = nodes.filter(({ isValidator }) => isValidator)
  for (const node of nodes) CliqueNode.writePeers(node, nodes)
  for (const node of validators) CliqueNode.writeAccount(node)
  const genesis = CliqueGenesis.create({
    chainId: shape.chainId,
    blockPeriodS: shape.blockTimeMs / 1000,
    gasLimit: shape.gasLimit,
    validators: validators.map(({ key }) => key.address),
  })
  const genesisFile = join(dataFolder, 'genesis.json')
  writeFileSync(genesisFile, JSON.stringify(genesis, undefined, 2))
  await Promise.all(nodes.map((node) => GethNode.init(node, genesisFile, { binary })))
}

async function startNode(
  { supervisor, binary }: GethOptions.GethOptions,
  node: GethNode.GethNode,
  chain: Chain,
): Promise<void> {
  await supervisor.start({
    name: node.name,
    command: binary,
    args: CliqueNode.args(node, chain.shape),
    cwd: node.dataFolder,
    readyTimeoutMs: NODE_READY_TIMEOUT_MS,
    async ready(context) {
      const control = controlOf(context.pid)
      await Readiness.until(context, () => prepare(node, control))
      if (chain.isOpen) await rejoin(node, chain, { ...context, control })
    },
  })
}

/** A node that was restarted seals at once, and is ready when it has caught up. */
async function rejoin(
  node: GethNode.GethNode,
  { nodes }: Chain,
  { control, signal }: { control: CliqueControl.CliqueControl; signal: AbortSignal },
): Promise<void> {
  const within = async (ms: number, probe: () => Promise<true | undefined>): Promise<void> => {
    const both = AbortSignal.any([signal, AbortSignal.timeout(ms)])
    await Readiness.until({ signal: both }, probe).catch(() => signal.throwIfAborted())
  }
  await within(PEER_PATIENCE_MS, async () => (await control.peerCount()) > 0 || undefined)
  if (node.isValidator) await control.startSealing()
  const others = nodes.filter((other) => other !== node).map(GethNode.rpcUrl)
  await within(CATCH_UP_PATIENCE_MS, async () => {
    const [own, ...heights] = await Promise.all([GethNode.rpcUrl(node), ...others].map(readHeight))
    return (own ?? 0) >= Math.max(...heights) || undefined
  })
}

/** Gives `true` once the node serves, takes free transactions, and has its account open. */
async function prepare(
  node: GethNode.GethNode,
  control: CliqueControl.CliqueControl,
): Promise<true | undefined> {
  await Rpc.call(GethNode.rpcUrl(node), { method: 'eth_chainId' }, Rpc.Quantity)
  if (node.isValidator && !(await control.isUnlocked(node.key.address))) return undefined
  await control.acceptFree()
  return true
}

/** Lets the validators seal once all nodes are connected. */
async function open({ supervisor }: GethOptions.GethOptions, chain: Chain): Promise<void> {
  const { nodes } = chain
  const controls = nodes.map(({ name }) => controlOf(supervisor.pid(name)))
  const signal = AbortSignal.timeout(PEERS_TIMEOUT_MS)
  let counts: number[] = []
  const areConnected = async (): Promise<true | undefined> => {
    counts = await Promise.all(controls.map((control) => control.peerCount()))
    return counts.every((count) => count === nodes.length - 1) || undefined
  }
  await Readiness.until({ signal }, areConnected).catch(() => {
    throw new PeersError(counts)
  })
  chain.isOpen = true
  const sealing = controls.filter((_, index) => nodes[index]?.isValidator === true)
  await Promise.all(sealing.map((control) => control.startSealing()))
}

function controlOf(pid: number): CliqueControl.CliqueControl {
  return CliqueControl.create(CliqueNode.socketPath(pid))
}

/** Makes room for another start: names and folders are free again. */
async function discard(
  { supervisor }: GethOptions.GethOptions,
  nodes: readonly GethNode.GethNode[],
): Promise<void> {
  const running = new Set(supervisor.list().map(({ name }) => name))
  await Promise.all(
    nodes.filter(({ name }) => running.has(name)).map(({ name }) => supervisor.stop(name)),
  )
  for (const { dataFolder } of nodes) {
    rmSync(dataFolder, { recursive: true, force: true })
    mkdirSync(dataFolder, { recursive: true })
  }
}

/** The nodes did not find one another. */
export class PeersError extends BallotstormError {
  override readonly name = 'clique.PeersError'
  readonly code = 'NETWORK_NO_PEERS'
  readonly exitCode = 107
  readonly remedy = 'See the logs of the nodes; on a busy machine, try again when it is quiet.'
  constructor(counts: readonly number[]) {
    super(
      `The nodes were not all connected within ${PEERS_TIMEOUT_MS / 1000} s; their peers: ` +
        `${counts.join(', ') || 'unknown'}.`,
    )
  }
}
