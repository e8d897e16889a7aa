import { describe, expect, test } from 'vitest'

import * as Calldata from '../../../metrics/contracts/Calldata.ts'
import { numberOf } from '../../../metrics/contracts/numberOf.ts'

const SELECTOR = '0xa1b2c3d4'

function word(value: number | bigint): string {
  return value.toString(16).padStart(64, '0')
}

function data(...parts: string[]): Calldata.Calldata {
  return Calldata.from(SELECTOR + parts.join(''))
}

describe('from', () => {
  test('default: hex and bytes are the same', () => {
    const bytes = Buffer.from('00a1b2c3d4', 'hex')
    expect(Calldata.from(SELECTOR)).toEqual(Buffer.from('a1b2c3d4', 'hex'))
    expect(Calldata.from(bytes.subarray(1))).toEqual(Buffer.from('a1b2c3d4', 'hex'))
  })
})

describe('calls', () => {
  test('default: the first four bytes name the function', () => {
    expect(Calldata.calls(data(), SELECTOR)).toBe(true)
    expect(Calldata.calls(data('ff'), SELECTOR)).toBe(true)
    expect(Calldata.calls(data(), '0xa1b2c3d5')).toBe(false)
    expect(Calldata.calls(Calldata.from('0xa1b2c3'), '0xa1b2c3')).toBe(false)
  })
})

describe('hasArguments', () => {
  test('default: all words are there, one byte less is not enough', () => {
    expect(Calldata.hasArguments(data(word(1), word(2)), 2)).toBe(true)
    expect(Calldata.hasArguments(data(word(1), word(2), 'ff'), 2)).toBe(true)
    expect(Calldata.hasArguments(data(word(1), word(2).slice(2)), 2)).toBe(false)
    expect(Calldata.hasArguments(data(), 0)).toBe(true)
  })
})

describe('argument', () => {
  test('default: a word by its place, zeros where the calldata has ended', () => {
    const both = data(word(7), `${'00'.repeat(30)}01`)
    expect(Calldata.argument(both, 0)).toBe(7n)
    // The last byte is missing: what stands there is 256.
    expect(Calldata.argument(both, 1)).toBe(256n)
    expect(Calldata.argument(both, 2)).toBe(0n)
    expect(Calldata.bytesOfArgument(both, 0)).toEqual(Buffer.from(word(7), 'hex'))
    expect(Calldata.bytesOfArgument(both, 1)).toHaveLength(32)
  })
})

describe('bytes', () => {
  test('default: length and bytes where the offset says', () => {
    expect(Calldata.bytes(data(word(32), word(3), 'aabbcc'), 0)).toEqual(
      Buffer.from('aabbcc', 'hex'),
    )
    const moved = data(word(64), word(99), word(2), 'aabb', 'ccdd')
    expect(Calldata.bytes(moved, 0)).toEqual(Buffer.from('aabb', 'hex'))
    const second = data(word(1), word(64), word(1), 'aa')
    expect(Calldata.bytes(second, 1)).toEqual(Buffer.from('aa', 'hex'))
  })

  test('behavior: bytes may end with the calldata, and not one later', () => {
    expect(Calldata.bytes(data(word(32), word(2), 'aabb'), 0)).toHaveLength(2)
    expect(Calldata.bytes(data(word(32), word(3), 'aabb'), 0)).toBeUndefined()
  })

  test('behavior: a length may end with the calldata, and not one byte later', () => {
    expect(Calldata.bytes(data(word(32), word(0)), 0)).toHaveLength(0)
    expect(Calldata.bytes(data(word(33), word(0)), 0)).toBeUndefined()
    expect(Calldata.bytes(data(word(32), word(0).slice(2)), 0)).toBeUndefined()
  })

  test('behavior: an offset or a length beyond every number is far behind the end', () => {
    expect(Calldata.bytes(data(word(2n ** 256n - 1n), word(0)), 0)).toBeUndefined()
    expect(Calldata.bytes(data(word(32), word(2n ** 256n - 1n), 'aa'), 0)).toBeUndefined()
  })
})

describe('unbounded', () => {
  test('default: so many items where the offset says, zeros behind the end', () => {
    const list = data(word(32), word(2), word(5))
    expect(Calldata.words(Calldata.unbounded(list, 0, 32) ?? Buffer.alloc(0))).toEqual([5n, 0n])
    expect(Calldata.unbounded(data(word(32), word(3), 'aabb'), 0, 1)).toEqual(
      Buffer.from('aabb00', 'hex'),
    )
    const second = data(word(1), word(64), word(1), 'aa')
    expect(Calldata.unbounded(second, 1, 1)).toEqual(Buffer.from('aa', 'hex'))
  })

  test('behavior: a position at the end or behind it holds an empty list', () => {
    expect(Calldata.unbounded(data(word(32)), 0, 1)).toHaveLength(0)
    expect(Calldata.unbounded(data(word(2n ** 255n)), 0, 1)).toHaveLength(0)
    // One byte before the end stands the first byte of a length, which is enormous.
    expect(Calldata.unbounded(data(word(31)), 0, 1)).toBeUndefined()
  })

  test('behavior: eight megabytes are read, and not one item more', () => {
    const max = 8 * 1024 * 1024
    expect(Calldata.unbounded(data(word(32), word(max)), 0, 1)).toHaveLength(max)
    expect(Calldata.unbounded(data(word(32), word(max + 1)), 0, 1)).toBeUndefined()
    expect(Calldata.unbounded(data(word(32), word(max / 32 + 1)), 0, 32)).toBeUndefined()
  })
})

describe('words', () => {
  test('default: one after the other; of nothing none', () => {
    expect(Calldata.words(Buffer.from(word(1) + word(2) + word(3), 'hex'))).toEqual([1n, 2n, 3n])
    expect(Calldata.words(Buffer.alloc(0))).toEqual([])
  })
})

describe('numberOf', () => {
  test.each([
    [0n, 0],
    ['0x10', 16],
    [2 ** 53 - 1, 2 ** 53 - 1],
    [2n ** 53n, Number.MAX_SAFE_INTEGER],
    [-1, Number.MAX_SAFE_INTEGER],
    [0.5, Number.MAX_SAFE_INTEGER],
    [undefined, Number.MAX_SAFE_INTEGER],
  ])('default: %s', (value, number) => {
    expect(numberOf(value)).toBe(number)
  })
})
