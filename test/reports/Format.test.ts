import { describe, expect, test } from 'vitest'

import * as Format from '../../reports/Format.ts'

const plain = (text: string): string => text.replaceAll('\u202F', ' ')

describe('count', () => {
  test('default', () => {
    expect([0, 7, 999, 1000, 12_345, 1_234_567].map(Format.count)).toEqual([
      '0',
      '7',
      '999',
      '1,000',
      '12,345',
      '1,234,567',
    ])
  })
})

describe('durationMs', () => {
  test('default', () => {
    const all = [0, 0.6, 9.96, 41, 999, 1000, 2281, 9999, 61_400, 120_000, 200_000, 7_320_000]
    expect(all.map((ms) => plain(Format.durationMs(ms)))).toEqual([
      '0 ms',
      '0.6 ms',
      '10 ms',
      '41 ms',
      '999 ms',
      '1 s',
      '2.28 s',
      '10 s',
      '61.4 s',
      '2 min',
      '3 min 20 s',
      '2 h 2 min',
    ])
  })

  test('behavior: what was not measured is named, never a number', () => {
    expect([null, Number.NaN, Number.POSITIVE_INFINITY].map(Format.durationMs)).toEqual([
      'no samples',
      'no samples',
      'no samples',
    ])
  })
})

describe('share', () => {
  test('default', () => {
    expect([0, 0.021, 0.34, 1].map((value) => plain(Format.share(value)))).toEqual([
      '0 %',
      '2.1 %',
      '34 %',
      '100 %',
    ])
  })

  test('behavior: one ballot of a million missing is not 100 %, and one lost is not 0 %', () => {
    expect(plain(Format.share(0.999_999))).toBe('over 99.9 %')
    expect(plain(Format.share(0.000_001))).toBe('under 0.1 %')
  })
})

describe('shareOf', () => {
  test('behavior: a share of nothing is no number', () => {
    expect(Format.shareOf(0, 0)).toBe('no samples')
  })
})

describe('number', () => {
  test('default', () => {
    expect([0, 0.001, 0.0123, 0.5, 45.44, 999.96, 12_345.6].map(Format.number)).toEqual([
      '0',
      '0.001',
      '0.012',
      '0.5',
      '45.4',
      '1000',
      '12,346',
    ])
  })
})

describe('bytes', () => {
  test('default', () => {
    expect([512, 1536, 24 * 2 ** 30].map((size) => plain(Format.bytes(size)))).toEqual([
      '512 B',
      '1.5 KiB',
      '24 GiB',
    ])
  })
})

describe('instant', () => {
  test('default', () => {
    expect(Format.instant('2026-11-22T16:14:03.000Z')).toBe('22 November 2026, 16:14:03 UTC')
  })

  test('behavior: what is no instant stays as it is', () => {
    expect(Format.instant('soon')).toBe('soon')
  })
})
