import { Transaction } from 'ethers'
import { describe, expect, test } from 'vitest'

import * as LegacyTransaction from '../../../scenarios/ballots/LegacyTransaction.ts'

const KEY = Buffer.alloc(32, 7)
const FIELDS = { gasPriceWei: 0, gasLimit: 150_000, to: Buffer.alloc(20, 9) }

describe('nonceOf', () => {
  test.each([0, 1, 127, 128, 255, 256, 70_000, 2 ** 32, 2 ** 48 - 1])(
    'default: %i, in a short and in a long transaction',
    (nonce) => {
      for (const sizeBytes of [0, 4, 132, 60_000]) {
        const data = Buffer.alloc(sizeBytes, 1)
        const raw = LegacyTransaction.sign({ ...FIELDS, nonce, data }, 8995, KEY)
        expect(Transaction.from(`0x${raw.toString('hex')}`).nonce).toBe(nonce)
        expect(LegacyTransaction.nonceOf(raw)).toBe(nonce)
      }
    },
  )

  test.each([
    ['nothing', ''],
    ['no list', '0102'],
    ['a list that ends at once', 'c0'],
    ['a first item longer than any nonce', 'ca8801020304050607080909'],
  ])('error: %s', (_, hex) => {
    expect(() => LegacyTransaction.nonceOf(Buffer.from(hex, 'hex'))).toThrow(RangeError)
  })
})
