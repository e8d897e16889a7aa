import secp256k1 from 'secp256k1'
import { describe, expect, test } from 'vitest'

import * as Electorate from '../../../scenarios/population/Electorate.ts'
import * as PollText from '../../../scenarios/population/PollText.ts'
import * as Preference from '../../../scenarios/population/Preference.ts'
import * as Prng from '../../../scenarios/population/Prng.ts'

function draw(seed: string, label: string): number[] {
  return Array.from({ length: 5 }, Prng.create(seed, label))
}

function choices(seed: string, pollId: number): number[] {
  const prefer = Preference.create(seed, pollId, 5)
  return Array.from({ length: 100 }, (_, voter) => prefer(voter))
}

describe('privateKey', () => {
  test('default: a valid key that follows from seed and index alone', () => {
    const key = Electorate.privateKey('seed', 12_000_000)
    expect(secp256k1.privateKeyVerify(key)).toBe(true)
    expect(key).toEqual(Electorate.privateKey('seed', 12_000_000))
  })

  test('behavior: voters, seeds and roles never share a key', () => {
    const keys = [
      Electorate.privateKey('seed', 0),
      Electorate.privateKey('seed', 1),
      Electorate.privateKey('other', 0),
      Electorate.rolePrivateKey('seed', 'voter', 0),
      Electorate.rolePrivateKey('seed', 'deployer', 0),
      Electorate.rolePrivateKey('seed', 'relayer', 1),
    ].map((key) => key.toString('hex'))
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('Prng.create', () => {
  test('default: the same seed and label give the same stream, another label another', () => {
    expect(draw('a', 'x')).toEqual(draw('a', 'x'))
    expect(draw('a', 'x')).not.toEqual(draw('a', 'y'))
    expect(draw('a', 'x')).not.toEqual(draw('b', 'x'))
  })

  test('behavior: uniform in [0, 1)', () => {
    const prng = Prng.create('seed', 'uniform')
    const numbers = Array.from({ length: 20_000 }, prng)
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => numbers.filter((number) => Math.floor(number * 10) === tenth).length,
    )
    expect(tenths.reduce((sum, count) => sum + count, 0)).toBe(20_000)
    // Five standard deviations of a count with mean 2,000.
    expect(tenths.every((count) => Math.abs(count - 2000) < 212)).toBe(true)
  })
})

describe('Preference.create', () => {
  test('default: every option is wanted, by shares that differ', () => {
    const prefer = Preference.create('seed', 1, 4)
    const totals = [0, 0, 0, 0]
    for (let voter = 0; voter < 20_000; voter += 1) {
      const choice = prefer(voter)
      totals[choice] = (totals[choice] ?? 0) + 1
    }
    expect(totals).toHaveLength(4)
    expect(Math.min(...totals)).toBeGreaterThan(0)
    expect(new Set(totals).size).toBe(4)
  })

  test('behavior: a function of seed, poll and voter', () => {
    expect(choices('seed', 1)).toEqual(choices('seed', 1))
    expect(choices('seed', 1)).not.toEqual(choices('seed', 2))
    expect(choices('seed', 1)).not.toEqual(choices('other', 1))
  })
})

describe('PollText.create', () => {
  test.each(['ru', 'en'] as const)('default: %s', (locale) => {
    const text = PollText.create('seed', 0, { locale, optionCount: 4 })
    expect(text).toEqual(PollText.create('seed', 0, { locale, optionCount: 4 }))
    expect(text.options).toHaveLength(4)
    expect(new Set(text.options).size).toBe(4)
    expect(/[а-я]/.test(text.question)).toBe(locale === 'ru')
    expect(text.question).not.toBe(PollText.create('other', 0, { locale, optionCount: 4 }).question)
  })
})
