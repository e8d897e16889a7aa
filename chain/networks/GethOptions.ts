import type { Supervisor } from '../processes/Supervisor.ts'
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
  /** From 1 to {@link VALIDATOR_COUNT_MAX}. @default 4 */
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

/** Each takes 200 MB and its share of two cores; the thresholds of 21 are well known. */
export const VALIDATOR_COUNT_MAX = 21

const VALIDATOR_COUNT_DEFAULT = 4
const BLOCK_TIME_MS_DEFAULT = 1_000
const GAS_LIMIT_DEFAULT = 60_000_000
/** The chain of 2017 had 6,000,000; the creation of a contract takes up to 5,000,000. */
const GAS_LIMIT_MIN = 5_000_000
const GAS_LIMIT_MAX = 2_000_000_000

/**
 * The numbers with their defaults.
 *
 * @throws {@link OptionsError}
 */
export function shape(options: GethOptions): Shape {
  const { validatorCount = VALIDATOR_COUNT_DEFAULT, blockTimeMs = BLOCK_TIME_MS_DEFAULT } = options
  const { gasLimit = GAS_LIMIT_DEFAULT, chainId = CHAIN_ID_DEFAULT } = options
  const problems = [
    isWithin(validatorCount, 1, VALIDATOR_COUNT_MAX)
      ? []
      : `The number of validators is \`${validatorCount}\`: take 1 to ${VALIDATOR_COUNT_MAX}.`,
    isWithin(blockTimeMs / 1000, 1, 60)
      ? []
      : `The block time is \`${blockTimeMs}\` ms: these nodes take whole seconds, from 1 to 60.`,
    isWithin(gasLimit, GAS_LIMIT_MIN, GAS_LIMIT_MAX)
      ? []
      : `The gas limit is \`${gasLimit}\`: take ${GAS_LIMIT_MIN} to ${GAS_LIMIT_MAX}.`,
    isWithin(chainId, 2, 0xff_ff_ff_ff)
      ? []
      : `The chain id is \`${chainId}\`: take 2 or more, never 1.`,
  ].flat()
  if (problems.length > 0) throw new OptionsError(problems)
  return { validatorCount, blockTimeMs, gasLimit, chainId }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

/** An option is out of its range; all such at once. */
export class OptionsError extends Error {
  override readonly name = 'GethOptions.OptionsError'
  readonly code = 'NETWORK_OPTIONS'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}
