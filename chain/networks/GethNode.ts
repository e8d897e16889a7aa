import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import { freePort } from '../processes/freePort.ts'
import * as Part from '../processes/Part.ts'
import type { MetricsTarget } from './Network.ts'
import * as NodeKey from './NodeKey.ts'

/** One geth or GoQuorum process: who it is, where it listens and where its files are. */
export type GethNode = {
  name: string
  isValidator: boolean
  key: NodeKey.NodeKey
  peerPort: number
  rpcPort: number
  metricsPort: number
  dataFolder: string
}

export type Plan = {
  /** One folder a node is made in it. */
  dataFolder: string
  /** The keys follow from it. */
  seed: string
  chainId: number
  validatorCount: number
}

/** The validators and one node that seals nothing, each with free ports. */
export function plan({ dataFolder, seed, chainId, validatorCount }: Plan): Promise<GethNode[]> {
  const names = Array.from({ length: validatorCount }, (_, index) =>
    Part.nameOf('validator', index + 1),
  )
  return Promise.all(
    [...names, 'observer'].map(async (name, index) => {
      const [peerPort, rpcPort, metricsPort] = await Promise.all([
        freePort(),
        freePort(),
        freePort(),
      ])
      return {
        name,
        isValidator: index < validatorCount,
        key: NodeKey.derive(seed, chainId, index),
        dataFolder: join(dataFolder, name),
        peerPort,
        rpcPort,
        metricsPort,
      }
    }),
  )
}

/** JSON-RPC of the node. */
export function rpcUrl({ rpcPort }: Pick<GethNode, 'rpcPort'>): string {
  return `http://127.0.0.1:${rpcPort}`
}

/** What Prometheus scrapes of the node. */
export function metricsTarget({ metricsPort }: GethNode): MetricsTarget {
  return { job: 'node', target: `127.0.0.1:${metricsPort}`, path: '/debug/metrics/prometheus' }
}

/**
 * Writes the node's key and its list of peers. The configuration file exists for the two things
 * that flags cannot say: whom to peer with, and to listen on loopback alone.
 *
 * @param own - lines on peering that a kind has of its own.
 */
export function writeFiles(
  node: GethNode,
  peers: readonly GethNode[],
  own: (enodeUrls: string) => readonly string[] = () => [],
): void {
  mkdirSync(join(node.dataFolder, 'geth'), { recursive: true })
  const keyFile = join(node.dataFolder, 'geth', 'nodekey')
  writeFileSync(keyFile, node.key.privateKey, { mode: 0o600 })
  const urls = peers
    .filter((peer) => peer !== node)
    .map(({ key, peerPort }) => `"enode://${key.enodeId}@127.0.0.1:${peerPort}?discport=0"`)
    .join(', ')
  writeFileSync(
    configFile(node),
    `[Node.P2P]
ListenAddr = "127.0.0.1:${node.peerPort}"
NoDiscovery = true
BootstrapNodes = []
BootstrapNodesV5 = []
StaticNodes = [${urls}]
${own(urls).join('\n')}
`,
  )
}

/** What initialises a node, and what it needs to be told. */
export type Program = {
  binary: string
  flags?: readonly string[] | undefined
  environment?: Readonly<Record<string, string>> | undefined
}

const INIT_TIMEOUT_MS = 30_000

/**
 * Writes the genesis block into the node's data folder.
 *
 * @throws {@link InitError}
 */
export async function init(
  node: GethNode,
  genesisFile: string,
  { binary, flags = [], environment = {} }: Program,
): Promise<void> {
  const child = spawn(binary, ['--datadir', node.dataFolder, ...flags, 'init', genesisFile], {
    env: { ...environment, HOME: node.dataFolder },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INIT_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  const [log, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  if (code !== 0) throw new InitError(node.name, binary, log)
}

/** Flags with their values; `true` for those that take none. */
export type Flags = Readonly<Record<string, string | number | true>>

/**
 * Transactions that a pool holds, per account and in all. A relayer has one account for all its
 * transactions, and a storm's backlog must not be thrown out silently.
 */
const POOL_COUNT_MAX = 200_000

/** MB; the default of 1,024 is made for a public chain and for one node a machine. */
const CACHE_MB = 256

/**
 * What the voters' nodes offer: reading, sending, and the state of the pool. `admin`, `miner`,
 * `debug`, `istanbul` and `clique` would let any voter change peers and validators.
 */
const RPC_MODULES = 'eth,net,web3,txpool'

/** The command line of the node: what all kinds have in common, and the kind's own flags. */
export function args(
  node: GethNode,
  chain: { chainId: number; gasLimit: number },
  own: Flags,
): string[] {
  const flags: Flags = {
    config: configFile(node),
    datadir: node.dataFolder,
    networkid: chain.chainId,
    nodiscover: true,
    nat: 'none',
    netrestrict: '127.0.0.0/8',
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
    'miner.gaslimit': chain.gasLimit,
    // Above warnings each transaction gets a line of its own, from every node.
    verbosity: 2,
    ...own,
  }
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === true ? [`--${flag}`] : [`--${flag}`, `${value}`],
  )
}

function configFile({ dataFolder }: GethNode): string {
  return join(dataFolder, 'node.toml')
}

/** The program refused the genesis block. */
export class InitError extends BallotstormError {
  override readonly name = 'GethNode.InitError'
  readonly code = 'NODE_INIT'
  readonly exitCode = 107
  readonly remedy = 'Check that the binary is the right version, and that the disk has room.'
  constructor(node: string, binary: string, log: string) {
    super(`${binary} could not initialise ${node}. It said:\n${log}`)
  }
}
