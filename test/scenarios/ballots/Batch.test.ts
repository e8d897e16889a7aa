import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as Batch from '../../../scenarios/ballots/Batch.ts'

const ballots = fc.record({
  pollId: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  voterIndex: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  choice: fc.integer({ min: 0, max: 254 }),
  signature: fc.uint8Array({ minLength: 65, maxLength: 65 }).map((bytes) => Buffer.from(bytes)),
})

describe('decode', () => {
  test('default: undoes encode', () => {
    fc.assert(
      fc.property(fc.array(ballots, { minLength: 1, maxLength: 20 }), (batch) => {
        const encoded = Batch.encode(batch)
        expect(encoded).toHaveLength(batch.length * Batch.RECORD_SIZE_BYTES)
        expect(Batch.decode(encoded)).toEqual(batch)
      }),
    )
  })

  test('behavior: integers stand big end first, as the contract reads them', () => {
    const signature = Buffer.alloc(65, 0xee)
    const encoded = Batch.encode([{ pollId: 1, voterIndex: 258, choice: 3, signature }])
    expect(encoded.subarray(0, 10).toString('hex')).toBe('000000010000010203ee')
  })

  test.each([0, 73, 75])('error: %i bytes are no batch', (lengthBytes) => {
    expect(() => Batch.decode(Buffer.alloc(lengthBytes))).toThrow(Batch.MalformedError)
  })
})
