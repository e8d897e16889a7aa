import * as fc from 'fast-check'
import { computeAddress, keccak256 as ethersKeccak256, SigningKey } from 'ethers'
import { describe, expect, test } from 'vitest'

import * as Address from '../../../scenarios/ballots/Address.ts'
import { keccak256 } from '../../../scenarios/ballots/keccak256.ts'
import * as Signature from '../../../scenarios/ballots/Signature.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const digests = fc.uint8Array({ minLength: 32, maxLength: 32 })
const keys = fc.integer({ min: 1, max: 2 ** 31 }).map((number) => {
  const key = Buffer.alloc(32)
  key.writeUInt32BE(number, 28)
  return key
})

describe('sign', () => {
  test('default: the bytes are those of ethers (RFC 6979, low s)', () => {
    fc.assert(
      fc.property(keys, digests, (key, digest) => {
        const expected = new SigningKey(key).sign(digest).serialized
        expect(`0x${Signature.sign(digest, key).toString('hex')}`).toBe(expected)
      }),
      { numRuns: 100 },
    )
  })
})

describe('recover', () => {
  test('default: gives the signer', () => {
    fc.assert(
      fc.property(keys, digests, (key, digest) => {
        const signer = Signature.recover(digest, Signature.sign(digest, key))
        expect(signer).toEqual(Address.fromPrivateKey(key))
      }),
      { numRuns: 50 },
    )
  })

  test('behavior: another digest gives another signer', () => {
    const key = Buffer.alloc(32, 1)
    const signature = Signature.sign(Buffer.alloc(32, 2), key)
    const signer = Signature.recover(Buffer.alloc(32, 3), signature)
    expect(signer).not.toEqual(Address.fromPrivateKey(key))
  })

  test('error: the malleated twin with the high s is no signature', () => {
    const digest = Buffer.alloc(32, 2)
    const twin = Signature.sign(digest, Buffer.alloc(32, 1))
    const s = ORDER - BigInt(`0x${twin.subarray(32, 64).toString('hex')}`)
    twin.write(s.toString(16).padStart(64, '0'), 32, 'hex')
    twin[64] = twin[64] === 27 ? 28 : 27
    expect(Signature.recover(digest, twin)).toBeUndefined()
  })

  test.each([
    ['64 bytes', (good: Buffer) => good.subarray(0, 64)],
    ['66 bytes', (good: Buffer) => Buffer.concat([good, Buffer.alloc(1)])],
    ['v of 0', (good: Buffer) => Buffer.concat([good.subarray(0, 64), Buffer.from([0])])],
    ['v of 29', (good: Buffer) => Buffer.concat([good.subarray(0, 64), Buffer.from([29])])],
    ['all zeros but v', () => Buffer.concat([Buffer.alloc(64), Buffer.from([27])])],
    [
      'r past the order',
      (good: Buffer) => Buffer.concat([Buffer.alloc(32, 255), good.subarray(32)]),
    ],
  ])('error: %s', (_, spoil) => {
    const digest = Buffer.alloc(32, 2)
    expect(
      Signature.recover(digest, spoil(Signature.sign(digest, Buffer.alloc(32, 1)))),
    ).toBeUndefined()
  })
})

describe('fromPrivateKey', () => {
  test('default: the address is that of ethers', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const expected = computeAddress(`0x${key.toString('hex')}`).toLowerCase()
        expect(Address.toHex(Address.fromPrivateKey(key))).toBe(expected)
      }),
      { numRuns: 50 },
    )
  })
})

describe('keccak256', () => {
  test('default: hashes the concatenation, as ethers does, of views too', () => {
    const bytes = Buffer.from('a ballot is a voter’s signed choice')
    const hash = keccak256(bytes.subarray(0, 5), bytes.subarray(5))
    expect(`0x${hash.toString('hex')}`).toBe(ethersKeccak256(bytes))
    expect(keccak256().toString('hex')).toBe(ethersKeccak256('0x').slice(2))
  })
})
