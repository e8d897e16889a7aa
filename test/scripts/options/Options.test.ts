import { describe, expect, test } from 'vitest'

import { designs } from '../../../chain/designs/designs.ts'
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
    for (const value of [min, max])
      expect(parse(`${value}${unit}`, option.bounds)).toEqual({ value })
    for (const value of [min - step, max + step]) {
      expect(parse(`${value}${unit}`, option.bounds)).toEqual({
        problems: [expect.stringContaining(`"${value}${unit}" is no `)],
      })
    }
  })

  test.each(records.filter(([, option]) => option.default !== undefined))(
    'behavior: %s can read its own default',
    (_, { bounds, parse, default: text = '' }) => {
      expect(parse(text, bounds)).toHaveProperty('value')
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
      fromBlock: undefined,
      json: false,
    })
  })

  test('error: a command may have narrower bounds than the record', () => {
    expect(() => Options.parse(commands['network up'].options, { blockTime: '1500ms' })).toThrow(
      '--block-time: "1500ms" is no time from 1s to 1m in whole seconds',
    )
  })

  test('error: what is missing, what cannot be read and what contradicts, at once', () => {
    expect(() => Options.parse(options, { rpc: 'a,,b' }, () => ['No.'])).toThrow(
      new UsageError([
        '--rpc: "a" is no http URL; write for example http://127.0.0.1:8545.',
        '--rpc: "b" is no http URL; write for example http://127.0.0.1:8545.',
        'No.',
      ]),
    )
    expect(() => Options.parse(options, { contract: `0x${'ab'.repeat(20)}` })).toThrow(
      '--rpc is missing: name nodes, of which the first is read and all are compared.',
    )
    expect(() => Options.parse(options, { rpc: ',', contract: '0x1' })).toThrow(
      /--rpc: names 0: write 1 to 20, separated by commas\.\n--contract: "0x1" is no address of 0x and 40/,
    )
  })
})

describe('misfits', () => {
  const { options } = commands.run
  const ours = ['legacy', 'active-citizen-2017', 'anchored', 'relayed', 'direct']
  const settings = designs
    .filter(({ name }) => ours.includes(name))
    .map((design) => ({ design, kind: 'qbft' as const }))

  test('default: what has an effect in one setting is taken', () => {
    expect(Options.misfits(options, { relayers: '2', batchSize: '800' }, settings)).toEqual([])
  })

  test('error: without effect in all of them, each reason once; beyond the bounds of one', () => {
    const narrow = settings.filter(({ design }) => ['legacy', 'direct'].includes(design.name))
    expect(Options.misfits(options, { relayers: '2' }, [...narrow, ...narrow])).toEqual([
      '--relayers has no effect: design legacy has no chain, design direct has no API. Leave it out.',
    ])
    expect(Options.misfits(options, { batchSize: '801' }, settings)).toEqual([
      '--batch-size: "801" is no whole number from 1 to 800, as design relayed takes it.',
    ])
  })
})

describe('help', () => {
  test.each([
    [commands.run.options.blockTimeMs, '(100ms to 1m; default: the design’s)'],
    [commands['network up'].options.blockTimeMs, '(1s to 1m in whole seconds; default: 1s)'],
    [commands.verify.options.rpcUrls, '(required)'],
    [commands.population.options.seeds, '(default: 1,2,3)'],
    [commands.population.options.ballotsMax, '10,000,000,000; default: 100,000,000)'],
    [commands['network up'].options.kind, '; default: qbft)'],
    [commands.run.options.json, 'summary'],
  ])('default: %s', (option, end) => {
    expect(help(option).replace("'", '’')).toMatch(new RegExp(`${end.replace(/[()]/g, '\\$&')}$`))
  })
})
