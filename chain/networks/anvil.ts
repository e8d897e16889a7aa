import { createRequire } from 'node:module'

import { Type } from 'typebox'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import type { Finality } from '../../scenarios/ballots/Finality.ts'
import { freePort } from '../processes/freePort.ts'
import * as Part from '../processes/Part.ts'
import * as Readiness from '../processes/Readiness.ts'
import type { Supervisor } from '../processes/Supervisor.ts'
import { ANY_BLOCK_TIME_MS, GAS_LIMIT } from './bounds.ts'
import type { NetworkKind } from './NetworkKind.ts'
import { CHAIN_ID_DEFAULT, type Network } from './Network.ts'
import * as Rpc from '../../scenarios/runtime/Rpc.ts'

export type Options = {
  supervisor: Supervisor
  /** Tells several under one supervisor apart. @default 1 */
  number?: number | undefined
  /** @default 1_000 */
  blockTimeMs?: number | undefined
  /** @default 60_000_000 */
  gasLimit?: number | undefined
  /** @default 8995 */
  chainId?: number | undefined
  /** A depth, where blocks are made to vanish by `anvil_reorg`. @default instant */
  finality?: Finality | undefined
}

/** For development: no consensus. */
export const kind = {
  choices: { validators: undefined, blockTimeMs: ANY_BLOCK_TIME_MS, gasLimit: GAS_LIMIT },
  tool: undefined,
  start: async ({ supervisor, blockTimeMs, gasLimit }) => ({
    network: await start({ supervisor, blockTimeMs, gasLimit }),
    gasPriceWei: 0n,
  }),
} as const satisfies NetworkKind

const BLOCK_TIME_MS_DEFAULT = 1_000
const GAS_LIMIT_DEFAULT = 60_000_000
const READY_TIMEOUT_MS = 30_000

/**
 * States kept, in memory alone: as far back as a reorganisation may reach. By default anvil writes
 * older ones to the user's home folder.
 */
export const STATES_MAX = 256

/** What anvil would keep in the user's home folder has no place: it may leave nothing there. */
export const HOMELESS = { HOME: '/dev/null' }

/**
 * Starts anvil: one process without consensus, ready in about a second; for development and tests.
 * The same rules as on QBFT: Berlin, no base fee, gas price 0.
 *
 * @throws NoBinaryError and the supervisor's errors.
 */
export async function start(options: Options): Promise<Network> {
  const { supervisor, number, finality = { kind: 'instant' } } = options
  const { blockTimeMs = BLOCK_TIME_MS_DEFAULT, gasLimit = GAS_LIMIT_DEFAULT } = options
  const { chainId = CHAIN_ID_DEFAULT } = options
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const part = Part.of(supervisor, 'validator', number)
  await supervisor.start({
    name: part.name,
    command: binary(),
    env: HOMELESS,
    args: Object.entries({
      host: '127.0.0.1',
      port,
      'chain-id': chainId,
      'block-time': blockTimeMs / 1000,
      hardfork: 'berlin',
      'gas-price': 0,
      'gas-limit': gasLimit,
      // Nobody has funds here either: the accounts that anvil would make are known to the world.
      accounts: 0,
      'prune-history': STATES_MAX,
    }).flatMap(([flag, value]) => [`--${flag}`, `${value}`]),
    ready: (context) => Readiness.until(context, () => hasGrown(url)),
    readyTimeoutMs: READY_TIMEOUT_MS + blockTimeMs,
  })
  const genesis = { method: 'eth_getBlockByNumber', params: ['0x0', false] }
  const { hash, miner } = await Rpc.call(url, genesis, Rpc.Block)
  return {
    kind: 'anvil',
    rpcUrls: [url],
    observerUrl: url,
    voterUrls: [url],
    metricsTargets: [],
    chainId,
    genesisHash: hash,
    clientVersion: await Rpc.call(url, { method: 'web3_clientVersion' }, Type.String()),
    validators: [miner],
    seals: undefined,
    parts: [part],
    finality,
    isPriced: false,
    blockTimeMs,
    gasLimit,
    stop: () => part.stop(),
  }
}

/** The program itself: npm's `anvil` is a script around it, which would be killed in its place. */
export function binary(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const platform = `${process.platform}-${architecture}`
  try {
    // The package for the platform is a dependency of anvil's, not of ours.
    const anvil = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
    return createRequire(anvil).resolve(`@foundry-rs/anvil-${platform}/bin/anvil`)
  } catch (cause) {
    throw new NoBinaryError(platform, cause)
  }
}

async function hasGrown(url: string): Promise<true | undefined> {
  const height = await Rpc.call(url, { method: 'eth_blockNumber' }, Rpc.Quantity)
  return Number(height) > 0 ? true : undefined
}

/** npm has no anvil for this platform, or has not installed it. */
export class NoBinaryError extends BallotstormError {
  override readonly name = 'anvil.NoBinaryError'
  readonly code = 'ANVIL_NO_BINARY'
  readonly exitCode = 104
  readonly remedy = 'Run `npm ci`, or take --network qbft.'
  constructor(platform: string, cause: unknown) {
    super(`There is no anvil for ${platform}.`, { cause })
  }
}
