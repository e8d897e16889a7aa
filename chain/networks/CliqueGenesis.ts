import { FORKS } from './BerlinRules.ts'

/** What a Clique chain begins with. */
export type Options = {
  chainId: number
  /** Whole seconds; Clique counts in no smaller unit. */
  blockPeriodS: number
  gasLimit: number
  /** Addresses. */
  validators: readonly string[]
}

/** Bytes before and behind the validators in `extraData`: free words, and a seal. */
const VANITY_BYTES = 32
const SEAL_BYTES = 65

/** Blocks after which the votes on validators begin anew; the usual value. */
const EPOCH_BLOCKS = 30_000

/** The genesis block and its chain's rules. */
export function create(options: Options): Record<string, unknown> {
  const { chainId, blockPeriodS, gasLimit, validators } = options
  return {
    config: { chainId, ...FORKS, clique: { period: blockPeriodS, epoch: EPOCH_BLOCKS } },
    nonce: '0x0',
    timestamp: '0x0',
    extraData: extraData(validators),
    gasLimit: `0x${gasLimit.toString(16)}`,
    difficulty: '0x1',
    alloc: {},
  }
}

/** Vanity, the sorted validators, no seal. */
function extraData(validators: readonly string[]): string {
  const sorted = validators.map((address) => address.slice(2).toLowerCase()).toSorted()
  return `0x${'00'.repeat(VANITY_BYTES)}${sorted.join('')}${'00'.repeat(SEAL_BYTES)}`
}

/** The validators in the `extraData` of a genesis block; undefined where it is none of Clique. */
export function validatorsOf(extra: string): string[] | undefined {
  const list = extra.slice(2 + 2 * VANITY_BYTES, Math.max(0, extra.length - 2 * SEAL_BYTES))
  if (list === '' || list.length % 40 !== 0) return undefined
  return (list.match(/.{40}/g) ?? []).map((address) => `0x${address}`)
}
