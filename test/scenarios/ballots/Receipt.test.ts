import { describe, expect, test } from 'vitest'

import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'

const KEY = Buffer.alloc(32, 3)
const RECEIPT = Receipt.sign(
  {
    ballotHash: `0x${'ab'.repeat(32)}`,
    pollId: 1,
    acceptedAtMs: 1_795_000_000_123,
    sealsAt: 1_795_000_100,
  },
  KEY,
)

describe('signer', () => {
  test('default: the key that signed', () => {
    expect(Receipt.signer(RECEIPT)).toEqual(Address.fromPrivateKey(KEY))
  })

  test.each([
    ['ballotHash', { ballotHash: `0x${'ac'.repeat(32)}` }],
    ['pollId', { pollId: 2 }],
    ['acceptedAtMs', { acceptedAtMs: 1_795_000_000_124 }],
    ['sealsAt', { sealsAt: 1_795_000_101 }],
  ])('behavior: the signature covers %s', (_, change) => {
    expect(Receipt.signer({ ...RECEIPT, ...change })).not.toEqual(Address.fromPrivateKey(KEY))
  })
})
