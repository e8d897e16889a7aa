import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import type { Supervisor } from '../processes/Supervisor.ts'
import { CHAIN_IDS, GETH, isWithin } from './bounds.ts'
import { CHAIN_ID_DEFAULT } from './Network.ts'

/** What a network of geth or GoQuorum nodes is started with. */
export type GethOptions = {
  supervisor: Supervisor
  /** The nodes' program. */
  binary: string
  /** Empty or not there yet; one folder a node is made in it. */
  dataFolder: string
  /** The node keys follow from it. */
  seed: string
  /** Within the bounds of `bounds.ts`. @default 4 */
  validatorCount?: number | undefined
  /** Whole seconds. @default 1_000 */
  blockTimeMs?: number | undefined
  /** @default 60_000_000 */
  gasLimit?: number | undefined
  /** @default 8995 */
  chainId?: number | undefined
  /** Told in one sentence when a network that did not come to life is started anew. */
  onRetry?: ((reason: string) => void) | undefined
}

/** The numbers that a network is made by. */
export type Shape = {
  validatorCount: number
  blockTimeMs: number
  gasLimit: number
  chainId: number
}

const VALIDATOR_COUNT_DEFAULT = 4
const BLOCK_TIME_MS_DEFAULT = 1_000
const GAS_LIMIT_DEFAULT = 60_000_000

/**
 * The numbers with their defaults.
 *
 * @throws {@link OptionsError}
 */
export function shape(options: GethOptions): Shape {
  const { validatorCount = VALIDATOR_COUNT_DEFAULT, blockTimeMs = BLOCK_TIME_MS_DEFAULT } = options
  const { gasLimit = GAS_LIMIT_DEFAULT, chainId = CHAIN_ID_DEFAULT } = options
  const { validators, blockTimeMs: blockTimes, gasLimit: gasLimits } = GETH
  const problems = [
    isWithin(validatorCount, validators)
      ? []
      : `The number of validators is \`${validatorCount}\`: take ${validators.min} to ${validators.max}.`,
    isWithin(blockTimeMs, blockTimes)
      ? []
      : `The block time is \`${blockTimeMs}\` ms: these nodes take whole seconds, from 1 to 60.`,
    isWithin(gasLimit, gasLimits)
      ? []
      : `The gas limit is \`${gasLimit}\`: take ${gasLimits.min} to ${gasLimits.max}.`,
    isWithin(chainId, CHAIN_IDS) ? [] : `The chain id is \`${chainId}\`: take 2 or more, never 1.`,
  ].flat()
  if (problems.length > 0) throw new OptionsError(problems)
  return { validatorCount, blockTimeMs, gasLimit, chainId }
}

/** Options of a network are out of their ranges; all such at once. */
export class OptionsError extends BallotstormError {
  override readonly name = 'GethOptions.OptionsError'
  readonly code = 'NETWORK_OPTIONS'
  readonly exitCode = 104
  readonly remedy = 'Change the options that are named.'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}
