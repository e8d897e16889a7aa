import * as Address from '../../scenarios/ballots/Address.ts'
import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as Signature from '../../scenarios/ballots/Signature.ts'
import { word } from '../../scenarios/ballots/word.ts'

/** The private key of a voter. */
export function key(voterIndex: number): Buffer {
  return keccak256(Buffer.from('a voter of the contract tests'), word(voterIndex))
}

/** A voter's address, 20 bytes. */
export function address(voterIndex: number): Buffer {
  return Address.fromPrivateKey(key(voterIndex))
}

/** The addresses of `count` voters from `first` on, as `enrol` takes them. */
export function packed(first: number, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => address(first + index)))
}

/** A poll as a ballot must know it. */
export type Poll = { pollId: number; pollDigest: Uint8Array; domain: Ballot.Domain }

/** A good ballot of a voter; `signer` tells whose key, where it is not the index's. */
export function sign(
  poll: Poll,
  voterIndex: number,
  choice: number,
  signer: number = voterIndex,
): Ballot.Ballot {
  const separator = Ballot.domainSeparator(poll.domain)
  const digest = Ballot.digest(separator, { ...poll, choice })
  const signature = Signature.sign(digest, key(signer))
  return { pollId: poll.pollId, voterIndex, choice, signature }
}
