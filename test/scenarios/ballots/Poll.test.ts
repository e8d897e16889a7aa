import { AbiCoder, keccak256 } from 'ethers'
import { describe, expect, test } from 'vitest'

import * as Poll from '../../../scenarios/ballots/Poll.ts'

const COMMITMENT = Buffer.alloc(32, 5)
const POLL = { question: 'Как?', options: ['a', 'b', 'c'] }

describe('digest', () => {
  test('default: keccak-256 of the ABI encoding', () => {
    const encoded = AbiCoder.defaultAbiCoder().encode(
      ['string', 'string[]', 'bytes32'],
      ['Как?', ['a', 'b', 'c'], COMMITMENT],
    )
    expect(`0x${Poll.digest(POLL, COMMITMENT).toString('hex')}`).toBe(keccak256(encoded))
  })

  test('behavior: a slice is hashed with the register', () => {
    const slice = { firstVoter: 1200, voterCount: 60 }
    const coder = AbiCoder.defaultAbiCoder()
    const electorate = keccak256(
      coder.encode(['bytes32', 'uint32', 'uint32'], [COMMITMENT, 1200, 60]),
    )
    const encoded = coder.encode(
      ['string', 'string[]', 'bytes32'],
      ['Как?', ['a', 'b', 'c'], electorate],
    )
    const digest = Poll.digest({ ...POLL, slice }, COMMITMENT)
    expect(`0x${digest.toString('hex')}`).toBe(keccak256(encoded))
  })

  test.each([
    ['slice', { ...POLL, slice: { firstVoter: 0, voterCount: 60 } }, COMMITMENT],
    ['question', { ...POLL, question: 'Что?' }, COMMITMENT],
    ['order of the options', { ...POLL, options: ['b', 'a', 'c'] }, COMMITMENT],
    ['border between options', { ...POLL, options: ['ab', '', 'c'] }, COMMITMENT],
    ['register', POLL, Buffer.alloc(32, 6)],
  ])('behavior: another %s gives another digest', (_, poll, commitment) => {
    expect(Poll.digest(poll, commitment)).not.toEqual(Poll.digest(POLL, COMMITMENT))
  })

  test.each([
    ['first voter', { firstVoter: 11, voterCount: 5 }],
    ['number of voters', { firstVoter: 10, voterCount: 6 }],
  ])('behavior: another %s of the slice gives another digest', (_, slice) => {
    const house = { ...POLL, slice: { firstVoter: 10, voterCount: 5 } }
    expect(Poll.digest({ ...POLL, slice }, COMMITMENT)).not.toEqual(Poll.digest(house, COMMITMENT))
  })
})

describe('isOpenTo', () => {
  test('default: from the first voter to the last one', () => {
    const slice = { firstVoter: 10, voterCount: 5 }
    const voters = [0, 9, 10, 14, 15, 2 ** 32 - 1]
    expect(voters.filter((voter) => Poll.isOpenTo(slice, voter))).toEqual([10, 14])
  })

  test('behavior: without a slice to everybody', () => {
    expect(Poll.isOpenTo(undefined, 2 ** 32 - 1)).toBe(true)
  })
})
