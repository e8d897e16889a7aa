import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { Type } from 'typebox'

import * as Readiness from '../processes/Readiness.ts'
import type { Supervisor } from '../processes/Supervisor.ts'
import { awaitQuorum } from './awaitQuorum.ts'
import { CHAIN_ID_DEFAULT, type Network } from './Network.ts'
import * as NodeKey from './NodeKey.ts'
import * as QbftGenesis from './QbftGenesis.ts'
import * as QbftNode from './QbftNode.ts'
import * as Rpc from './Rpc.ts'

export type Options = {
  supervisor: Supervisor
  /** GoQuorum 22.7.4. */
  binary: string
  /** Empty or not there yet; one folder a node is made in it. */
  dataFolder: string
  /** The node keys follow from it. */
  seed: string
  /** From 1 to {@link VALIDATOR_COUNT_MAX}. @default 4 */
  validatorCount?: number | undefined
  /** Whole seconds. @default 1_000 */
  blockTimeMs?: number | undefined
  /** @default 60_000_000 */
  gasLimit?: number | undefined
  /** @default 8995 */
  chainId?: number | undefined
}

/** Each takes 200 MB and its share of two cores; the thresholds of 21 are well known. */
export const VALIDATOR_COUNT_MAX = 21

const VALIDATOR_COUNT_DEFAULT = 4
const BLOCK_TIME_MS_DEFAULT = 1_000
const GAS_LIMIT_DEFAULT = 60_000_000
/** Contracts of 24 KB must fit into a block. */
const GAS_LIMIT_MIN = 10_000_000
const GAS_LIMIT_MAX = 2_000_000_000

/** From start to JSON-RPC takes 1 s on a quiet machine. */
const NODE_READY_TIMEOUT_MS = 30_000
/** The first blocks of all proposers take about 8 s on a quiet machine. */
const QUORUM_TIMEOUT_MS = 60_000
const INIT_TIMEOUT_MS = 30_000

/**
 * Starts a private GoQuorum network: validators, and one node that only observes. Real processes,
 * loopback only, no discovery, no gas price, instant finality.
 *
 * GoQuorum is unmaintained since 2022: for laboratories only.
 *
 * @throws OptionsError, InitError, awaitQuorum.NoQuorumError and the supervisor's errors.
 */
export async function start(options: Options): Promise<Network> {
  const { supervisor, binary, dataFolder, seed } = options
  const { validatorCount = VALIDATOR_COUNT_DEFAULT, blockTimeMs = BLOCK_TIME_MS_DEFAULT } = options
  const { gasLimit = GAS_LIMIT_DEFAULT, chainId = CHAIN_ID_DEFAULT } = options
  check({ validatorCount, blockTimeMs, gasLimit, chainId })
  const nodes = await plan({ dataFolder, seed, chainId, validatorCount })
  const validators = nodes.filter(({ isValidator }) => isValidator)
  const addresses = validators.map(({ key }) => key.address)
  for (const node of nodes) QbftNode.writeFiles(node, nodes)
  const genesisFile = join(dataFolder, 'genesis.json')
  const blockPeriodS = blockTimeMs / 1000
  const genesis = QbftGenesis.create({ chainId, blockPeriodS, gasLimit, validators: addresses })
  writeFileSync(genesisFile, JSON.stringify(genesis, undefined, 2))
  await Promise.all(nodes.map((node) => init(binary, node, genesisFile)))
  await Promise.all(nodes.map((node) => startNode(options, node, { chainId, gasLimit })))

  const rpcUrls = validators.map(QbftNode.rpcUrl)
  const observerUrl = nodes.filter(({ isValidator }) => !isValidator).map(QbftNode.rpcUrl)[0] ?? ''
  await awaitQuorum({
    rpcUrls: nodes.map(QbftNode.rpcUrl),
    observerUrl,
    validatorCount,
    timeoutMs: QUORUM_TIMEOUT_MS,
  })
  return {
    kind: 'qbft',
    rpcUrls,
    observerUrl,
    metricsTargets: nodes.map(({ metricsPort }) => ({
      job: 'node',
      target: `127.0.0.1:${metricsPort}`,
      path: '/debug/metrics/prometheus',
    })),
    chainId,
    ...(await identify(observerUrl)),
    validators: addresses,
    validatorProcesses: validators.map(({ name }) => name),
    finality: { kind: 'instant' },
    isPriced: false,
    blockTimeMs,
    gasLimit,
    async stop() {
      await Promise.all(nodes.map(({ name }) => supervisor.stop(name)))
    },
  }
}

type Plan = { dataFolder: string; seed: string; chainId: number; validatorCount: number }

function plan({ dataFolder, seed, chainId, validatorCount }: Plan): Promise<QbftNode.QbftNode[]> {
  const names = Array.from({ length: validatorCount }, (_, index) => `validator-${index + 1}`)
  return Promise.all(
    [...names, 'observer'].map((name, index) =>
      QbftNode.create({
        name,
        isValidator: index < validatorCount,
        key: NodeKey.derive(seed, chainId, index),
        dataFolder: join(dataFolder, name),
      }),
    ),
  )
}

async function init(binary: string, node: QbftNode.QbftNode, genesisFile: string): Promise<void> {
  const child = spawn(binary, ['--datadir', node.dataFolder, '--nousb', 'init', genesisFile], {
    env: { ...QbftNode.ENVIRONMENT, HOME: node.dataFolder },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INIT_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  const [log, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  if (code !== 0) throw new InitError(node.name, log)
}

async function startNode(
  { supervisor, binary }: Options,
  node: QbftNode.QbftNode,
  chain: { chainId: number; gasLimit: number },
): Promise<void> {
  const url = QbftNode.rpcUrl(node)
  await supervisor.start({
    name: node.name,
    command: binary,
    args: QbftNode.args(node, chain),
    env: QbftNode.ENVIRONMENT,
    ready: (context) =>
      Readiness.until(context, () => Rpc.call(url, { method: 'eth_chainId' }, Rpc.Quantity)),
    readyTimeoutMs: NODE_READY_TIMEOUT_MS,
  })
}

async function identify(url: string): Promise<{ genesisHash: string; clientVersion: string }> {
  const genesis = { method: 'eth_getBlockByNumber', params: ['0x0', false] }
  const { hash } = await Rpc.call(url, genesis, Rpc.Block)
  const clientVersion = await Rpc.call(url, { method: 'web3_clientVersion' }, Type.String())
  return { genesisHash: hash, clientVersion }
}

function check(
  options: Record<'validatorCount' | 'blockTimeMs' | 'gasLimit' | 'chainId', number>,
): void {
  const { validatorCount, blockTimeMs, gasLimit, chainId } = options
  const problems = [
    isWithin(validatorCount, 1, VALIDATOR_COUNT_MAX)
      ? []
      : `The number of validators is \`${validatorCount}\`: take 1 to ${VALIDATOR_COUNT_MAX}.`,
    isWithin(blockTimeMs / 1000, 1, 60)
      ? []
      : `The block time is \`${blockTimeMs}\` ms: GoQuorum takes whole seconds, from 1 to 60.`,
    isWithin(gasLimit, GAS_LIMIT_MIN, GAS_LIMIT_MAX)
      ? []
      : `The gas limit is \`${gasLimit}\`: take ${GAS_LIMIT_MIN} to ${GAS_LIMIT_MAX}.`,
    isWithin(chainId, 2, 0xff_ff_ff_ff)
      ? []
      : `The chain id is \`${chainId}\`: take 2 or more, never 1.`,
  ].flat()
  if (problems.length > 0) throw new OptionsError(problems)
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

/** An option is out of its range; all such at once. */
export class OptionsError extends Error {
  override readonly name = 'qbft.OptionsError'
  readonly code = 'QBFT_OPTIONS'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** GoQuorum refused the genesis block. */
export class InitError extends Error {
  override readonly name = 'qbft.InitError'
  readonly code = 'QBFT_INIT'
  constructor(node: string, log: string) {
    super(`GoQuorum could not initialise ${node}; check its binary and the disk. It said:\n${log}`)
  }
}
