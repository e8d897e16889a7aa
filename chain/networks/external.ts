import { Type } from 'typebox'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import type { Finality } from '../../scenarios/ballots/Finality.ts'
import { ANY_BLOCK_TIME_MS } from './bounds.ts'
import type { NetworkKind } from './NetworkKind.ts'
import type { Network } from './Network.ts'
import * as CliqueGenesis from './CliqueGenesis.ts'
import * as QbftGenesis from './QbftGenesis.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'
import * as TargetGate from './TargetGate.ts'

export type Options = {
  /** At least one; the last is read from. */
  rpcUrls: readonly string[]
  /** Needed for anything beyond loopback; see TargetGate.Permission. */
  allowTargetsFile?: string | undefined
  /** Undefined: told from the chain, where that is possible. */
  finality?: Finality | undefined
  /** For a chain too young to be measured. @default 1_000 */
  blockTimeMs?: number | undefined
  /** Unix time in milliseconds, against which permissions expire. @default the wall clock */
  nowMs?: number | undefined
}

export type Connected = {
  network: Network
  /** What a transaction must pay for its gas; 0 on a chain without a price. */
  gasPriceWei: bigint
}

/** What a node says about itself and its chain. */
type Node = {
  target: TargetGate.Target
  chainId: number
  genesisHash: string
  clientVersion: string
}

/** A network that is there already. */
export const kind = {
  choices: { validators: undefined, blockTimeMs: ANY_BLOCK_TIME_MS, gasLimit: undefined },
  tool: undefined,
  start: ({ rpcUrls, allowTargetsFile, finality, blockTimeMs }) =>
    connect({ rpcUrls, allowTargetsFile, finality, blockTimeMs }),
} as const satisfies NetworkKind

const BLOCK_TIME_MS_DEFAULT = 1_000
/** Blocks over which the block time is measured. */
const SPAN_MAX = 20

/**
 * Connects to a network that is there already. Only loopback, unless a file allows the target;
 * never a public chain; all nodes must be of one chain.
 *
 * @throws TargetGate.NotAllowedError, TargetGate.AllowFileError, PublicChainError, MismatchError,
 * UnknownFinalityError, UnansweredError
 */
export async function connect(options: Options): Promise<Connected> {
  try {
    return await ask(options)
  } catch (error) {
    throw error instanceof Rpc.CallError ? new UnansweredError(error) : error
  }
}

async function ask(options: Options): Promise<Connected> {
  const { rpcUrls, allowTargetsFile, nowMs = Date.now() } = options
  const permissions =
    allowTargetsFile === undefined ? [] : TargetGate.readPermissions(allowTargetsFile)
  const nodes: Node[] = []
  for (const url of rpcUrls) {
    nodes.push(await identify(await TargetGate.open(url, permissions, nowMs)))
  }
  const first = nodes[0]
  const last = nodes.at(-1)
  if (first === undefined || last === undefined) throw new MismatchError('no node is named')
  assertOneChain(nodes)
  const { target } = last
  const head = await block(target, 'latest')
  const finality = options.finality ?? (await guessFinality(target, head))
  const gasPriceWei = await readGasPrice(target, head)
  return {
    gasPriceWei,
    network: {
      kind: 'external',
      rpcUrls: nodes.map((node) => node.target.url),
      observerUrl: target.url,
      voterUrls: nodes.map((node) => node.target.url),
      metricsTargets: [],
      chainId: first.chainId,
      genesisHash: first.genesisHash,
      clientVersion: [...new Set(nodes.map(({ clientVersion }) => clientVersion))].join(', '),
      ...(await readValidators(target, head)),
      parts: [],
      finality,
      isPriced: gasPriceWei > 0n,
      blockTimeMs: await measureBlockTime(target, head, options.blockTimeMs),
      gasLimit: Number(head.gasLimit),
      stop: async () => {},
    },
  }
}

async function identify(target: TargetGate.Target): Promise<Node> {
  const { url, permission } = target
  const chainId = Number(await call(target, 'eth_chainId', Rpc.Quantity))
  if (TargetGate.isPublicChain(chainId)) throw new PublicChainError(url, chainId)
  const { hash } = await block(target, '0x0')
  if (permission !== undefined) {
    const { chainId: allowedId, genesisHash } = permission
    if (chainId !== allowedId || hash.toLowerCase() !== genesisHash.toLowerCase()) {
      throw new MismatchError(
        `${url} has chain id ${chainId} and genesis ${hash}, its entry ${allowedId} and ${genesisHash}`,
      )
    }
  }
  const clientVersion = await call(target, 'web3_clientVersion', Type.String())
  return { target, chainId, genesisHash: hash, clientVersion }
}

function assertOneChain(nodes: readonly Node[]): void {
  for (const { target, chainId, genesisHash } of nodes) {
    const other = nodes.find((node) => node.chainId !== chainId || node.genesisHash !== genesisHash)
    if (other === undefined) continue
    throw new MismatchError(
      `${target.url} has chain id ${chainId} and genesis ${genesisHash}, ` +
        `${other.target.url} has ${other.chainId} and ${other.genesisHash}`,
    )
  }
}

/** Istanbul consensus and the development nodes never take a block back by themselves. */
async function guessFinality(target: TargetGate.Target, head: HeadBlock): Promise<Finality> {
  if (head.mixHash === QbftGenesis.ISTANBUL_MIX_HASH) return { kind: 'instant' }
  const clientVersion = await call(target, 'web3_clientVersion', Type.String())
  if (/^(anvil|hardhat)/i.test(clientVersion)) return { kind: 'instant' }
  const finalized = await block(target, 'finalized').catch(() => undefined)
  if (finalized !== undefined && Number(finalized.number) > 0) return { kind: 'tag' }
  throw new UnknownFinalityError(target.url)
}

async function readGasPrice(target: TargetGate.Target, head: HeadBlock): Promise<bigint> {
  const asked = BigInt(await call(target, 'eth_gasPrice', Rpc.Quantity))
  // A base fee grows by an eighth a block: twice the fee lasts for six full ones.
  const baseFee = 2n * BigInt(head.baseFeePerGas ?? 0)
  return asked > baseFee ? asked : baseFee
}

async function measureBlockTime(
  target: TargetGate.Target,
  head: HeadBlock,
  fallbackMs: number = BLOCK_TIME_MS_DEFAULT,
): Promise<number> {
  const height = Number(head.number)
  // The genesis block's time is any time.
  const span = Math.min(SPAN_MAX, height - 1)
  if (span < 1) return fallbackMs
  const earlier = await block(target, `0x${(height - span).toString(16)}`)
  const spanMs = (Number(head.timestamp) - Number(earlier.timestamp)) * 1000
  return spanMs > 0 ? Math.round(spanMs / span) : fallbackMs
}

/**
 * Who seals blocks and how, by what the node or else the chain itself says; undefined where neither
 * does.
 */
async function readValidators(
  target: TargetGate.Target,
  head: HeadBlock,
): Promise<Pick<Network, 'validators' | 'seals'>> {
  const isIstanbul = head.mixHash === QbftGenesis.ISTANBUL_MIX_HASH
  const named = isIstanbul
    ? QbftGenesis.validatorsOf(head.extraData ?? '0x')
    : CliqueGenesis.validatorsOf((await block(target, '0x0')).extraData ?? '0x')
  const seals = named && (isIstanbul ? 'qbft' : 'clique')
  for (const method of ['istanbul_getValidators', 'clique_getSigners']) {
    const validators = await call(target, method, Type.Array(Type.String())).catch(() => undefined)
    if (validators !== undefined) return { validators, seals }
  }
  return { validators: named, seals }
}

type HeadBlock = Awaited<ReturnType<typeof block>>

async function block(
  target: TargetGate.Target,
  tag: string,
): Promise<Type.Static<typeof Rpc.Block>> {
  const params = [tag, false]
  return Rpc.call(
    target.url,
    { method: 'eth_getBlockByNumber', params },
    Rpc.Block,
    target.transport,
  )
}

async function call<Schema extends Type.TSchema>(
  target: TargetGate.Target,
  method: string,
  schema: Schema,
): Promise<Type.Static<Schema>> {
  return Rpc.call(target.url, { method }, schema, target.transport)
}

/** The target has the chain id of a public network, whose users a load test would harm. */
export class PublicChainError extends BallotstormError {
  override readonly name = 'external.PublicChainError'
  readonly code = 'TARGET_PUBLIC_CHAIN'
  readonly exitCode = 104
  readonly remedy = 'Take a private chain with an id of its own.'
  constructor(url: string, chainId: number) {
    super(
      `The target ${url} has chain id ${chainId}, which a public network uses, and is always refused.`,
    )
  }
}

/** The nodes are not of the chain that they should be of. */
export class MismatchError extends BallotstormError {
  override readonly name = 'external.MismatchError'
  readonly code = 'TARGET_MISMATCH'
  readonly exitCode = 104
  readonly remedy = 'Check --rpc and --allow-targets.'
  constructor(difference: string) {
    super(`The targets are not of one chain, for ${difference}.`)
  }
}

/** Nothing tells how deep a block must lie before it is final. */
export class UnknownFinalityError extends BallotstormError {
  override readonly name = 'external.UnknownFinalityError'
  readonly code = 'FINALITY_UNKNOWN'
  readonly exitCode = 104
  readonly remedy =
    'Name the rule by --finality instant, depth:N or tag (proof of authority: depth of half the validators plus 1).'
  constructor(url: string) {
    super(`${url} does not tell when a block is final.`)
  }
}

/** A node that the user named does not answer as one from the start. */
export class UnansweredError extends BallotstormError {
  override readonly name = 'external.UnansweredError'
  readonly code = 'TARGET_UNANSWERED'
  readonly exitCode = 104
  readonly remedy = 'Check --rpc, and that a node serves JSON-RPC there.'
  constructor(cause: Rpc.CallError) {
    super(`A target does not answer: ${cause.message}`, { cause })
  }
}
