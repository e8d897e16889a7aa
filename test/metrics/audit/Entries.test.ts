import { describe, expect, test } from 'vitest'

import * as Entries from '../../../metrics/audit/Entries.ts'

const KINDS = ['none', 'signature', 'sender', 'key', 'unnamed', 'further'] as const

describe('encode, at', () => {
  test('default: every field of every kind comes back, the greatest too', () => {
    const entries = KINDS.map((kind, index) => ({
      pollId: 2 ** 32 - 1 - index,
      voterIndex: 2 ** 32 - 2 - index,
      choice: 255 - index,
      skipReason: 7 - index,
      transaction: 2 ** 32 - 3 - index,
      proof: { kind, bytes: Buffer.alloc(65, 1 + index) },
    }))
    const bytes = Entries.encode(entries)
    expect(bytes.length).toBe(KINDS.length * Entries.SIZE_BYTES)
    expect(Entries.count(bytes)).toBe(KINDS.length)
    expect(entries.map((_, index) => Entries.at(bytes, index))).toEqual(entries)
  })

  test('behavior: a short proof has zeros behind it, and reaches into no other entry', () => {
    const entry = { pollId: 1, voterIndex: 2, choice: 3, skipReason: 0, transaction: 4 }
    const short = { ...entry, proof: { kind: 'key' as const, bytes: Buffer.alloc(20, 9) } }
    const bytes = Entries.encode([short, short])
    const { proof } = Entries.at(bytes, 0)
    expect(Buffer.from(proof.bytes).toString('hex')).toBe('09'.repeat(20) + '00'.repeat(45))
    // One that no version wrote.
    bytes.writeUInt8(99, 14)
    expect(Entries.at(bytes, 0).proof.kind).toBe('none')
  })

  test('behavior: none', () => {
    expect(Entries.count(Entries.encode([]))).toBe(0)
  })
})
