import * as Contract from '../ballots/Contract.ts'
import * as LegacyTransaction from '../ballots/LegacyTransaction.ts'
import { word } from '../ballots/word.ts'

/** Gas that a voter's own ballot may take; `cast` needs 62,000 at most. */
export const GAS_LIMIT = 150_000

/** What a voter's own transaction says. */
export type Cast = {
  pollId: number
  /** 32 bytes. */
  pollDigest: Uint8Array
  voterIndex: number
  choice: number
  nonce: number
}

/** Makes a voter's raw transaction. */
export type Signer = (cast: Cast, privateKey: Uint8Array) => Buffer

const SELECTOR = Buffer.from(
  Contract.ballotBox.encodeFunctionData('cast', [0, `0x${'00'.repeat(32)}`, 0, 0]).slice(2, 10),
  'hex',
)

/**
 * A signer of transactions that call `cast` at gas price 0.
 *
 * @param ballotBox - the contract, `0x` and 40 hex digits.
 */
export function createSigner(domain: { chainId: number; ballotBox: string }): Signer {
  const to = Buffer.from(domain.ballotBox.slice(2), 'hex')
  const fixed = { gasPriceWei: 0, gasLimit: GAS_LIMIT, to }
  return (cast, privateKey) =>
    LegacyTransaction.sign(
      { ...fixed, nonce: cast.nonce, data: calldata(cast) },
      domain.chainId,
      privateKey,
    )
}

function calldata({ pollId, pollDigest, voterIndex, choice }: Cast): Buffer {
  return Buffer.concat([SELECTOR, word(pollId), pollDigest, word(voterIndex), word(choice)])
}
