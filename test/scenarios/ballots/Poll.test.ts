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

  test.each([
    ['question', { ...POLL, question: 'Что?' }, COMMITMENT],
    ['order of the options', { ...POLL, options: ['b', 'a', 'c'] }, COMMITMENT],
    ['border between options', { ...POLL, options: ['ab', '', 'c'] }, COMMITMENT],
    ['register', POLL, Buffer.alloc(32, 6)],
  ])('behavior: another %s gives another digest', (_, poll, commitment) => {
    expect(Poll.digest(poll, commitment)).not.toEqual(Poll.digest(POLL, COMMITMENT))
  })
})
