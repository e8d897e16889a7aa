import { recoverAddress, TypedDataEncoder } from 'ethers'

import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import * as Signature from '../../scenarios/ballots/Signature.ts'
import * as Entries from './Entries.ts'

/** Ballots whose signers are to be recovered. */
export type Work = {
  domain: Ballot.Domain
  /** Digests (`0x` and 64 hex digits) of the polls that the entries name. */
  pollDigests: ReadonlyMap<number, string>
  /** See Entries.ts. */
  entries: Uint8Array
}

/** Who signed each ballot: 20 bytes each, zeros where nobody did; and what ethers says otherwise. */
export type Signed = {
  signers: Uint8Array
  /** Signed entries that were recovered. */
  checkedCount: number
  /** Digests that were computed again by ethers' own encoder, with one signer each. */
  sampledCount: number
  /** Indices of entries at which ethers disagrees: then our own code is wrong. */
  disagreements: number[]
}

const ADDRESS_BYTES = 20
const TYPES = {
  Ballot: [
    { name: 'pollId', type: 'uint256' },
    { name: 'pollDigest', type: 'bytes32' },
    { name: 'choice', type: 'uint256' },
  ],
}

/** Digests of one piece of work that ethers computes again; each takes a few milliseconds. */
const SAMPLES_MAX = 2

/**
 * Recovers the signer of every signed entry by the native binding, and the first one of some
 * digests by ethers too, so that a mistake which contract, voters and this code share would show.
 */
export function recover({ domain, pollDigests, entries }: Work): Signed {
  const bytes = Buffer.from(entries.buffer, entries.byteOffset, entries.byteLength)
  const count = Entries.count(bytes)
  const signers = Buffer.alloc(count * ADDRESS_BYTES)
  const separator = Ballot.domainSeparator(domain)
  const digests = new Map<number, Buffer>()
  const signed: Signed = { signers, checkedCount: 0, sampledCount: 0, disagreements: [] }
  for (let index = 0; index < count; index += 1) {
    const { pollId, choice, proof } = Entries.at(bytes, index)
    const pollDigest = pollDigests.get(pollId)
    // Recovered already, with the transaction that it is.
    if (proof.kind === 'sender') signed.checkedCount += 1
    if (proof.kind !== 'signature' || pollDigest === undefined) continue
    const key = pollId * 256 + choice
    const known = digests.get(key)
    const digest =
      known ??
      Ballot.digest(separator, {
        pollId,
        pollDigest: Buffer.from(pollDigest.slice(2), 'hex'),
        choice,
      })
    const signer = Signature.recover(digest, proof.bytes)
    if (signer !== undefined) signers.set(signer, index * ADDRESS_BYTES)
    signed.checkedCount += 1
    if (known !== undefined) continue
    digests.set(key, digest)
    if (signed.sampledCount >= SAMPLES_MAX) continue
    signed.sampledCount += 1
    const message = { pollId, pollDigest, choice }
    if (!isConfirmed({ domain, message, digest, signer, signature: proof.bytes })) {
      signed.disagreements.push(index)
    }
  }
  return signed
}

type Sample = {
  domain: Ballot.Domain
  message: { pollId: number; pollDigest: string; choice: number }
  digest: Uint8Array
  signer: Uint8Array | undefined
  signature: Uint8Array
}

function isConfirmed({ domain, message, digest, signer, signature }: Sample): boolean {
  const named = { name: Ballot.DOMAIN_NAME, version: Ballot.DOMAIN_VERSION, ...domain }
  const expected = TypedDataEncoder.hash(named, TYPES, message)
  if (expected !== hex(digest)) return false
  // A signature that counts for nobody may be one that ethers reads more leniently.
  if (signer === undefined) return true
  return recoverAddress(expected, hex(signature)).toLowerCase() === hex(signer)
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`
}
