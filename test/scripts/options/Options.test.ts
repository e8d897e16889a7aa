import { describe, expect, test } from 'vitest'

import { commands, type Command } from '../../../scripts/options/commands.ts'
import { describe as help, type Option } from '../../../scripts/options/Option.ts'
import * as Options from '../../../scripts/options/Options.ts'
import { UsageError } from '../../../scripts/UsageError.ts'

const all: [name: string, command: Command][] = Object.entries(commands)
const records = all.flatMap(([name, { options }]) =>
  Object.values(options).map((option): [string, Option] => [`${name} ${option.flag}`, option]),
)

describe('the records', () => {
  const bounded = records.filter(([, { bounds }]) => bounds !== undefined)

  test.each(bounded)('behavior: %s takes what lies within its bounds', (_, option) => {
    const { parse, unit = '', bounds: { min, max, step = 1 } = { min: 0, max: 0 } } = option
    for (const value of [min, max]) expect(parse(`${value}${unit}`)).toEqual({ value })
    for (const value of [min - step, max + step]) {
      expect(parse(`${value}${unit}`)).toEqual({
        problems: [expect.stringContaining(`"${value}${unit}" is no `)],
      })
    }
  })

  test.each(records.filter(([, option]) => option.default !== undefined))(
    'behavior: %s can read its own default',
    (_, { parse, default: text = '' }) => {
      expect(parse(text)).toHaveProperty('value')
    },
  )

  test.each(records.filter(([, { choices }]) => choices !== undefined))(
    'behavior: %s takes each of its choices, and no other word',
    (_, { parse, choices = new Map() }) => {
      for (const word of choices.keys()) expect(parse(word)).toHaveProperty('value')
      expect(parse('toString')).toEqual({ problems: [expect.stringContaining('is unknown')] })
    },
  )

  test.each(all)('behavior: no two options of %s have one flag', (_, { options }) => {
    const flags = Object.values(options).map(({ flag }) => flag)
    expect(new Set(flags).size).toBe(flags.length)
  })
})

describe('parse', () => {
  const { options } = commands.verify

  test('default', () => {
    const given = {
      rpc: 'http://127.0.0.1:1/,http://127.0.0.1:2',
      contract: `0x${'Ab'.repeat(20)}`,
    }
    expect(Options.parse(options, given)).toMatchObject({
      rpcUrls: ['http://127.0.0.1:1', 'http://127.0.0.1:2'],
      contract: `0x${'ab'.repeat(20)}`,
      registerFile: undefined,
      fromBlock: 1,
      json: false,
    })
  })

  test('error: what is missing, what cannot be read and what contradicts, at once', () => {
    expect(() => Options.parse(options, { rpc: 'a,,b' }, () => ['No.'])).toThrow(
      new UsageError([
        '--rpc: "a" is no http URL; write for example http://127.0.0.1:8545.',
        '--rpc: "b" is no http URL; write for example http://127.0.0.1:8545.',
        '--contract is missing: name BallotBox, BallotAnchor or Root.',
        'No.',
      ]),
    )
    expect(() => Options.parse(options, { rpc: ',', contract: '0x1' })).toThrow(
      /--rpc: names 0: write 1 to 20, separated by commas\.\n--contract: "0x1" is no address of 0x and 40/,
    )
  })
})

describe('help', () => {
  test.each([
    [commands.run.options.blockTimeMs, '(100ms to 1m; default: the design’s)'],
    [commands['network up'].options.blockTimeMs, '(1s to 1m, whole seconds; default: 1s)'],
    [commands.verify.options.contract, '(required)'],
    [commands.population.options.seeds, '(default: 1,2,3)'],
    [commands.population.options.ballotsMax, '10,000,000,000; default: 100,000,000)'],
    [commands['network up'].options.kind, '(qbft, clique; default: qbft)'],
    [commands.run.options.json, 'summary'],
  ])('default: %s', (option, end) => {
    expect(help(option).replace("'", '’')).toMatch(new RegExp(`${end.replace(/[()]/g, '\\$&')}$`))
  })
})
