import * as fc from 'fast-check'
import { TypedDataEncoder, verifyTypedData, Wallet } from 'ethers'
import { describe, expect, test } from 'vitest'

import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import { keccak256 } from '../../../scenarios/ballots/keccak256.ts'
import * as Signature from '../../../scenarios/ballots/Signature.ts'

const TYPES = {
  Ballot: [
    { name: 'pollId', type: 'uint256' },
    { name: 'pollDigest', type: 'bytes32' },
    { name: 'choice', type: 'uint256' },
  ],
}
const ballots = fc.record({
  pollId: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  pollDigest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  choice: fc.integer({ min: 0, max: 254 }),
})
const domains = fc.record({
  chainId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  verifyingContract: fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`),
})

function ethersDomain(domain: Ballot.Domain) {
  return { name: Ballot.DOMAIN_NAME, version: Ballot.DOMAIN_VERSION, ...domain }
}

describe('digest', () => {
  test('default: agrees with ethers for any ballot and domain', () => {
    fc.assert(
      fc.property(domains, ballots, (domain, ballot) => {
        const digest = Ballot.digest(Ballot.domainSeparator(domain), ballot)
        const expected = TypedDataEncoder.hash(ethersDomain(domain), TYPES, ballot)
        expect(`0x${digest.toString('hex')}`).toBe(expected)
      }),
      { numRuns: 200 },
    )
  })

  test('behavior: the type is the one that ethers encodes', () => {
    expect(TypedDataEncoder.from(TYPES).encodeType('Ballot')).toBe(Ballot.TYPE)
  })

  test('behavior: a signature made here is one that ethers verifies, and the other way round', async () => {
    const key = Buffer.alloc(32, 7)
    const wallet = new Wallet(`0x${key.toString('hex')}`)
    const domain = { chainId: 8995, verifyingContract: `0x${'5f'.repeat(20)}` }
    const ballot = { pollId: 3, pollDigest: Buffer.alloc(32, 9), choice: 2 }
    const digest = Ballot.digest(Ballot.domainSeparator(domain), ballot)
    const ours = `0x${Signature.sign(digest, key).toString('hex')}`
    const theirs = await wallet.signTypedData(ethersDomain(domain), TYPES, ballot)
    expect(ours).toBe(theirs)
    expect(verifyTypedData(ethersDomain(domain), TYPES, ballot, ours)).toBe(wallet.address)
  })
})

describe('hash', () => {
  test('default: covers digest and voter', () => {
    const digest = Buffer.alloc(32, 1)
    const voter = Address.fromPrivateKey(Buffer.alloc(32, 2))
    const hash = Ballot.hash(digest, voter)
    expect(hash).toEqual(keccak256(Buffer.concat([digest, voter])))
    expect(hash).not.toEqual(Ballot.hash(digest, Address.fromPrivateKey(Buffer.alloc(32, 3))))
  })
})
