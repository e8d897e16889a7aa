import { decodeRlp, encodeRlp } from 'ethers'

import { FORKS } from './BerlinRules.ts'

/** What a GoQuorum chain begins with. */
export type Options = {
  chainId: number
  /** Whole seconds; GoQuorum 22.7.4 counts in no smaller unit. */
  blockPeriodS: number
  gasLimit: number
  /** Addresses. */
  validators: readonly string[]
}

/** Marks a block as sealed by Istanbul consensus; the same for IBFT and QBFT, here and in Besu. */
export const ISTANBUL_MIX_HASH =
  '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365'

/**
 * An idle chain makes an empty block so many seconds later than a full one would come. The pause must
 * be longer than a full block takes to build: else there are empty blocks for ever, with a full pool.
 * With 1 s that was seen on two cores at 1,000 single transactions/s.
 */
const EMPTY_PAUSE_S = 2

/**
 * The round timeout doubles without a cap: from a small one, recovery from an outage is quick. With 1
 * s a busy machine changes rounds over blocks that were only slow.
 */
const REQUEST_TIMEOUT_S = 2

/** KiB, of the 32 to 128 that GoQuorum accepts: a batch of 100 ballots takes about 10. */
const TRANSACTION_SIZE_KIB = 64
/** KiB, of the 24 to 128 that GoQuorum accepts; the register's chunks are contract code. */
const CODE_SIZE_KIB = 64

const ZERO_ADDRESS = `0x${'0'.repeat(40)}`
const ZERO_HASH = `0x${'0'.repeat(64)}`

/** The genesis block and its chain's rules. */
export function create(options: Options): Record<string, unknown> {
  const { chainId, blockPeriodS, gasLimit, validators } = options
  return {
    config: {
      chainId,
      ...FORKS,
      eip150Hash: ZERO_HASH,
      isQuorum: true,
      txnSizeLimit: TRANSACTION_SIZE_KIB,
      maxCodeSizeConfig: [{ block: 0, size: CODE_SIZE_KIB }],
      qbft: {
        epochlength: 30_000,
        blockperiodseconds: blockPeriodS,
        emptyblockperiodseconds: blockPeriodS + EMPTY_PAUSE_S,
        requesttimeoutseconds: REQUEST_TIMEOUT_S,
        policy: 0,
        ceil2Nby3Block: 0,
        validatorcontractaddress: ZERO_ADDRESS,
      },
    },
    nonce: '0x0',
    timestamp: '0x0',
    extraData: extraData(validators),
    gasLimit: `0x${gasLimit.toString(16)}`,
    difficulty: '0x1',
    mixHash: ISTANBUL_MIX_HASH,
    coinbase: ZERO_ADDRESS,
    alloc: {},
  }
}

/** Vanity, the sorted validators, no vote, round 0, no seals. */
function extraData(validators: readonly string[]): string {
  const sorted = validators.map((address) => address.toLowerCase()).toSorted()
  return encodeRlp([ZERO_HASH, sorted, [], '0x', []])
}

/** The validators in the `extraData` of a block; undefined where it is none of QBFT. */
export function validatorsOf(extra: string): string[] | undefined {
  try {
    const fields = decodeRlp(extra)
    const validators = Array.isArray(fields) ? fields[1] : undefined
    if (!Array.isArray(validators) || validators.length === 0) return undefined
    return validators.every(isAddress) ? validators : undefined
  } catch {
    return undefined
  }
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^0x[0-9a-f]{40}$/i.test(value)
}
