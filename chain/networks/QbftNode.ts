import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { freePort } from '../processes/freePort.ts'
import type { NodeKey } from './NodeKey.ts'

/** One GoQuorum process: who it is, where it listens and where its files are. */
export type QbftNode = {
  name: string
  isValidator: boolean
  key: NodeKey
  peerPort: number
  rpcPort: number
  metricsPort: number
  dataFolder: string
}

/** Chooses free ports for a node. */
export async function create(
  node: Pick<QbftNode, 'name' | 'isValidator' | 'key' | 'dataFolder'>,
): Promise<QbftNode> {
  const [peerPort, rpcPort, metricsPort] = await Promise.all([freePort(), freePort(), freePort()])
  return { ...node, peerPort, rpcPort, metricsPort }
}

/** JSON-RPC of the node. */
export function rpcUrl({ rpcPort }: QbftNode): string {
  return `http://127.0.0.1:${rpcPort}`
}

/**
 * Writes the node's key and its list of peers. The configuration file exists for the two things
 * that flags cannot say: whom to peer with, and to listen on loopback alone.
 */
export function writeFiles(node: QbftNode, peers: readonly QbftNode[]): void {
  mkdirSync(join(node.dataFolder, 'geth'), { recursive: true })
  const keyFile = join(node.dataFolder, 'geth', 'nodekey')
  writeFileSync(keyFile, node.key.privateKey, { mode: 0o600 })
  const urls = peers
    .filter((peer) => peer !== node)
    .map(({ key, peerPort }) => `"enode://${key.enodeId}@127.0.0.1:${peerPort}?discport=0"`)
  writeFileSync(
    configFile(node),
    `[Node.P2P]
ListenAddr = "127.0.0.1:${node.peerPort}"
NoDiscovery = true
BootstrapNodes = []
BootstrapNodesV5 = []
StaticNodes = [${urls.join(', ')}]
`,
  )
}

/** Of no use without a private transaction manager, which GoQuorum looks for unless told not to. */
export const ENVIRONMENT = { PRIVATE_CONFIG: 'ignore' } as const

/**
 * Transactions that a pool holds, per account and in all. A relayer has one account for all its
 * transactions, and a storm's backlog must not be thrown out silently.
 */
const POOL_COUNT_MAX = 200_000

/** MB; the default of 1,024 is made for a public chain and for one node a machine. */
const CACHE_MB = 256

/**
 * Each new draft of a block starts the timeout of the current round anew. With the default of 3 s a
 * round of 4 s, the third, would never time out: with one validator dead the chain stood still for
 * good. A minute is longer than the rounds that a recovery takes.
 */
const RECOMMIT_INTERVAL = '60s'

/**
 * What the voters' nodes offer: reading, sending, and the state of the pool. `admin`, `miner`,
 * `debug` and `istanbul` would let any voter change peers and validators.
 */
const RPC_MODULES = 'eth,net,web3,txpool'

/** The command line of the node. */
export function args(node: QbftNode, chain: { chainId: number; gasLimit: number }): string[] {
  const flags = {
    config: configFile(node),
    datadir: node.dataFolder,
    networkid: chain.chainId,
    nodiscover: true,
    nat: 'none',
    netrestrict: '127.0.0.0/8',
    nousb: true,
    ipcdisable: true,
    syncmode: 'full',
    // In full mode a killed node executes its last blocks again, for tens of seconds.
    gcmode: 'archive',
    cache: CACHE_MB,
    http: true,
    'http.addr': '127.0.0.1',
    'http.port': node.rpcPort,
    'http.api': RPC_MODULES,
    'rpc.gascap': chain.gasLimit,
    'rpc.txfeecap': 0,
    metrics: true,
    'metrics.addr': '127.0.0.1',
    'metrics.port': node.metricsPort,
    'txpool.nolocals': true,
    'txpool.accountslots': POOL_COUNT_MAX,
    'txpool.globalslots': POOL_COUNT_MAX,
    'txpool.accountqueue': POOL_COUNT_MAX,
    'txpool.globalqueue': POOL_COUNT_MAX,
    'miner.gasprice': 0,
    'miner.gaslimit': chain.gasLimit,
    'miner.gastarget': chain.gasLimit,
    'miner.recommit': RECOMMIT_INTERVAL,
    // Above warnings each transaction gets a line of its own, from every node.
    verbosity: 2,
    ...(node.isValidator ? { mine: true, 'miner.threads': 1 } : {}),
  }
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === true ? [`--${flag}`] : [`--${flag}`, `${value}`],
  )
}

function configFile({ dataFolder }: QbftNode): string {
  return join(dataFolder, 'node.toml')
}
