import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'

import * as Validators from '../../../metrics/ethereum/consensus/Validators.ts'
import * as Config from '../../../metrics/witness/Config.ts'
import * as Observation from '../../../metrics/witness/Observation.ts'
import * as ObservationFile from '../../../metrics/witness/ObservationFile.ts'
import * as Tail from '../../../metrics/witness/Tail.ts'

const CAST = [1, 2, 0, 0]
const CONTRADICTION = { transaction: '0x1', reason: 'why', pollId: 0, voterIndex: 0 }
const BLOCK = {
  kind: 'block',
  number: 0,
  hash: '0x1',
  parentHash: '0x0',
  timestamp: 0,
  seenAtMs: 0.5,
  gasUsed: 0,
  gasLimit: 0,
  sizeBytes: 0,
  transactionCount: 0,
  transactions: ['0x1'],
  casts: [CAST],
  skips: [CAST],
  contradictions: [CONTRADICTION, { transaction: '0x1', reason: 'why' }],
}
const NODE = { rpcUrl: 'http://a', blockCount: 0, agreedNumber: -1, isHeard: true }

/** One of each kind, at the least of everything. */
const LINES: Record<string, object> = {
  begin: { kind: 'begin', fromBlock: 0 },
  look: { kind: 'look', atMs: 0 },
  end: { kind: 'end', count: 1, sha256: 'x' },
  block: BLOCK,
  final: { kind: 'final', number: 0, hash: '0x1', atMs: 0 },
  reorganisation: { kind: 'reorganisation', number: 0, depth: 1, droppedHashes: ['0x1'], atMs: 0 },
  disagreement: { kind: 'disagreement', number: 0, hashes: [{ rpcUrl: 'a', hash: 'b' }], atMs: 0 },
  fault: {
    kind: 'fault',
    number: 0,
    hash: '0x1',
    rpcUrl: 'a',
    faults: ['x'],
    isCheckable: true,
    atMs: 0,
  },
  nodes: { kind: 'nodes', nodes: [NODE], seals: 'none', validators: ['0x1'] },
}

function isLine(line: object): boolean {
  return Value.Check(Observation.Schema, line)
}

function contradicted(change: object): boolean {
  return isLine({ ...BLOCK, contradictions: [{ ...CONTRADICTION, ...change }] })
}

describe('Observation', () => {
  test.each(Object.entries(LINES))('default: %s', (_, line) => {
    expect(isLine(line)).toBe(true)
    expect(isLine({ ...line, kind: 'rumour' })).toBe(false)
  })

  test.each(Object.entries(LINES))(
    'behavior: %s lacks nothing, and no number is too small',
    (_, line) => {
      for (const [name, value] of Object.entries(line)) {
        expect(isLine({ ...line, [name]: undefined })).toBe(false)
        const less = typeof value === 'number' ? value - 1 : null
        expect(isLine({ ...line, [name]: less })).toBe(false)
      }
    },
  )

  test('behavior: ballots are four whole numbers from 0 on', () => {
    for (const name of ['casts', 'skips']) {
      for (const at of [0, 1, 2, 3]) {
        expect(isLine({ ...BLOCK, [name]: [[0, 0, 0, 0].with(at, -1)] })).toBe(false)
        expect(isLine({ ...BLOCK, [name]: [[0, 0, 0, 0].with(at, 0.5)] })).toBe(false)
      }
      expect(isLine({ ...BLOCK, [name]: [[0, 0, 0]] })).toBe(false)
      expect(isLine({ ...BLOCK, [name]: [[0, 0, 0, 0]] })).toBe(true)
    }
  })

  test('behavior: a contradiction names its transaction and why, and may name the ballot', () => {
    for (const name of ['transaction', 'reason'])
      expect(contradicted({ [name]: undefined })).toBe(false)
    for (const name of ['pollId', 'voterIndex']) {
      expect([contradicted({ [name]: -1 }), contradicted({ [name]: 1 })]).toEqual([false, true])
    }
  })

  test('behavior: parts of the lists are of their form too', () => {
    expect(isLine({ ...LINES['fault'], faults: [] })).toBe(false)
    expect(isLine({ ...LINES['disagreement'], hashes: [{ rpcUrl: 'a' }] })).toBe(false)
    expect(isLine({ ...LINES['disagreement'], hashes: [{ hash: 'a' }] })).toBe(false)
    for (const [name, value] of Object.entries(NODE)) {
      expect(isLine({ ...LINES['nodes'], nodes: [{ ...NODE, [name]: undefined }] })).toBe(false)
      const less = typeof value === 'number' ? value - 1 : null
      expect(isLine({ ...LINES['nodes'], nodes: [{ ...NODE, [name]: less }] })).toBe(false)
    }
    for (const [seals, isOne] of [
      ['qbft', true],
      ['clique', true],
      ['wax', false],
    ] as const) {
      expect(isLine({ ...LINES['nodes'], seals })).toBe(isOne)
    }
  })
})

const ADDRESS = `0x${'ab'.repeat(20)}`
const CONFIG = {
  rpcUrls: ['http://a'],
  target: { kind: 'ballot-box', address: ADDRESS },
  finality: { kind: 'instant' },
  fromBlock: 1,
  observationsFile: 'f',
  port: 0,
  pollIntervalMs: 10,
}

describe('Config', () => {
  test.each<[string, boolean, object]>([
    ['the least', true, {}],
    ['the most', true, { port: 65_535, pollIntervalMs: 60_000, rpcUrls: urls(64) }],
    ['validators', true, { validators: { kind: 'qbft', members: [ADDRESS] } }],
    ['signers', true, { validators: { kind: 'clique', members: [ADDRESS] } }],
    ['no node', false, { rpcUrls: [] }],
    ['a node too many', false, { rpcUrls: urls(65) }],
    ['a node that is not asked by HTTP', false, { rpcUrls: ['ws://a'] }],
    ['something before the address of a node', false, { rpcUrls: [' http://a'] }],
    ['the genesis block', false, { fromBlock: 0 }],
    ['no file', false, { observationsFile: '' }],
    ['a port below 0', false, { port: -1 }],
    ['a port beyond all', false, { port: 65_536 }],
    ['too short a pause', false, { pollIntervalMs: 9 }],
    ['too long a pause', false, { pollIntervalMs: 60_001 }],
    ['more', false, { more: 1 }],
    ['other seals', false, { validators: { kind: 'wax', members: [ADDRESS] } }],
    ['no validator', false, { validators: { kind: 'qbft', members: [] } }],
    [
      'a validator in upper case',
      false,
      { validators: { kind: 'qbft', members: [ADDRESS.toUpperCase()] } },
    ],
    ['a validator too long', false, { validators: { kind: 'qbft', members: [`${ADDRESS}a`] } }],
    [
      'something before a validator',
      false,
      { validators: { kind: 'qbft', members: [` ${ADDRESS}`] } },
    ],
    ['more of validators', false, { validators: { kind: 'qbft', members: [ADDRESS], more: 1 } }],
  ])('default: %s', (_, isOne, change) => {
    expect(Value.Check(Config.Schema, { ...CONFIG, ...change })).toBe(isOne)
  })

  test('default: a free port, and a pause of a seventh of a block', () => {
    const { port: _, pollIntervalMs: __, ...rest } = CONFIG
    expect(Value.Default(Config.Schema, rest)).toMatchObject({ port: 0, pollIntervalMs: 150 })
  })
})

function urls(count: number): string[] {
  return Array.from({ length: count }, () => 'https://a')
}

describe('ObservationFile', () => {
  test('default: it begins, ends, and is chained by the digest of all before', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-observations-'))
    const file = join(folder, 'observations.jsonl')
    const written = ObservationFile.open(file, 7)
    written.record({ kind: 'look', atMs: 5 })
    // Whoever reads now reads whole lines.
    expect(readFileSync(file, 'utf8')).toBe(
      '{"kind":"begin","fromBlock":7}\n{"kind":"look","atMs":5}\n',
    )
    const before = readFileSync(file, 'utf8')
    written.close()
    const sha256 = createHash('sha256').update(before).digest('hex')
    expect(readFileSync(file, 'utf8')).toBe(
      `${before}${JSON.stringify({ kind: 'end', count: 2, sha256 })}\n`,
    )
    expect(() => written.record({ kind: 'look', atMs: 6 })).toThrow('EBADF')
    rmSync(folder, { recursive: true })
  })
})

describe('Tail', () => {
  const validators = Validators.from(undefined)
  const entry = (number: number): Tail.Entry => {
    return { number, hash: `0x${number}`, timestamp: number, ballotCount: 0, validators }
  }

  function filled(from: number, count: number, blocksMax?: number): Tail.Tail {
    const tail = Tail.create(blocksMax)
    for (let number = from; number < from + count; number += 1) tail.append(entry(number))
    return tail
  }

  test('default: blocks by their height; before the first and after the last none', () => {
    const tail = filled(5, 3)
    expect([tail.oldestNumber(), tail.tip()?.number]).toEqual([5, 7])
    expect([4, 5, 7, 8].map((number) => tail.at(number)?.number)).toEqual([
      undefined,
      5,
      7,
      undefined,
    ])
    const none = Tail.create()
    expect([none.oldestNumber(), none.tip(), none.at(0)]).toEqual([0, undefined, undefined])
  })

  test('behavior: the oldest one goes where there are too many', () => {
    expect(filled(5, 3, 3).oldestNumber()).toBe(5)
    expect(filled(5, 4, 3).oldestNumber()).toBe(6)
    expect(filled(1, Tail.BLOCKS_MAX + 1).oldestNumber()).toBe(2)
  })

  test('behavior: all above a height are cut, lowest first', () => {
    const tail = filled(5, 4)
    expect(tail.cut(8)).toEqual([])
    expect(tail.cut(6).map(({ number }) => number)).toEqual([7, 8])
    expect(tail.tip()?.number).toBe(6)
    expect(tail.cut(1).map(({ number }) => number)).toEqual([5, 6])
    expect(tail.tip()).toBeUndefined()
  })
})
