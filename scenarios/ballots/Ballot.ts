import { keccak256 } from './keccak256.ts'
import { word } from './word.ts'

/** One voter's signed choice in one poll. */
export type Ballot = {
  /** The poll, as the contract counts them: 1 and up, below 2^32. */
  pollId: number
  /** The voter's place in the poll's register: 0 and up, below 2^32. */
  voterIndex: number
  /** Index of the chosen option: 0 to 254. */
  choice: number
  /** r ‖ s ‖ v, 65 bytes. */
  signature: Uint8Array
}

/** Where a ballot counts: it is worth nothing on another chain or in another contract. */
export type Domain = {
  chainId: number
  /** The BallotBox, `0x` and 40 hex digits. */
  verifyingContract: string
}

/** The EIP-712 name and version of every BallotBox. */
export const DOMAIN_NAME = 'ballotstorm'
export const DOMAIN_VERSION = '1'

/** The signed type, as EIP-712 writes it; part of what a spool is bound to. */
export const TYPE = 'Ballot(uint256 pollId,bytes32 pollDigest,uint256 choice)'

const DOMAIN_TYPE_HASH = keccak256(
  Buffer.from('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
)
const TYPE_HASH = keccak256(Buffer.from(TYPE))
const PREFIX = Buffer.from([0x19, 0x01])

/** The EIP-712 domain separator, 32 bytes. */
export function domainSeparator(domain: Domain): Buffer {
  const contract = Buffer.alloc(32)
  contract.write(domain.verifyingContract.slice(2), 12, 'hex')
  return keccak256(
    DOMAIN_TYPE_HASH,
    keccak256(Buffer.from(DOMAIN_NAME)),
    keccak256(Buffer.from(DOMAIN_VERSION)),
    word(domain.chainId),
    contract,
  )
}

/**
 * What the voter signs (EIP-712), 32 bytes.
 *
 * @param separator - from {@link domainSeparator}; computed once for a whole spool.
 * @param pollDigest - covers question, options in order and register commitment, 32 bytes.
 */
export function digest(
  separator: Uint8Array,
  ballot: { pollId: number; pollDigest: Uint8Array; choice: number },
): Buffer {
  const struct = keccak256(TYPE_HASH, word(ballot.pollId), ballot.pollDigest, word(ballot.choice))
  return keccak256(PREFIX, separator, struct)
}

/**
 * The identity of a ballot: what was signed and by whom, 32 bytes. Two signatures of one voter
 * under the same choice are the same ballot.
 *
 * @param signedDigest - from {@link digest}.
 * @param voter - the voter's address, 20 bytes.
 */
export function hash(signedDigest: Uint8Array, voter: Uint8Array): Buffer {
  return keccak256(signedDigest, voter)
}
