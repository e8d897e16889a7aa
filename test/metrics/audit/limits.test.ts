import { describe, expect, test } from 'vitest'

import { limitsOf } from '../../../metrics/audit/limits.ts'
import type { Ledger } from '../../../metrics/audit/walk.ts'
import type { Kind } from '../../../metrics/contracts/Target.ts'
import { emptyLedger } from './emptyLedger.ts'

type Given = Parameters<typeof limitsOf>[1]

/** Two nodes of a chain with seals, everything given: nothing but the design leaves something open. */
const EVERYTHING: Given = {
  subject: { kind: 'ballot-box', contracts: { main: '0xb0', questions: [] }, consensus: 'qbft' },
  rpcUrls: ['http://one', 'http://other'],
  registerFile: 'register.bin',
  receiptsFolder: 'receipts',
  receiptSigner: '0x51',
  genesisHash: '0x9e',
  views: [{ node: 'other', height: 9, agreesTo: 9 }],
  receiptCount: 3,
  untold: 0,
}

const IDENTITY = 'Who is behind an address'

/** How each sentence begins. */
function limits(change: Partial<Given> = {}, ledger: Ledger = emptyLedger()): string[] {
  return limitsOf(ledger, { ...EVERYTHING, ...change }).map(
    (sentence) => sentence.split(/[:,]/)[0] ?? '',
  )
}

function subject(kind: Kind, consensus: 'qbft' | 'none' = 'qbft'): Given['subject'] {
  return { ...EVERYTHING.subject, kind, consensus }
}

describe('limitsOf', () => {
  test('default: with everything given only the design leaves something open', () => {
    expect(limits()).toEqual([IDENTITY])
  })

  test.each<[Kind, string[], string[]]>([
    ['ballot-box', [IDENTITY], []],
    [
      'anchored',
      [
        'Whether a voter wanted the ballot',
        'Whether the service left ballots out',
        'The published result',
      ],
      ['Who may vote'],
    ],
    [
      'active-citizen-2017',
      [
        'Whether a voter wanted the ballot',
        'Whether the service left ballots out',
        'When ballots may count',
        'Votes that a contract passed on',
      ],
      ['Who may vote'],
    ],
  ])('behavior: by the design, %s', (kind, sentences, withoutRegister) => {
    expect(limits({ subject: subject(kind) })).toEqual(sentences)
    expect(limits({ subject: subject(kind), registerFile: undefined })).toEqual([
      ...sentences,
      ...withoutRegister,
    ])
  })

  test('behavior: a chain without seals, an unknown genesis, one node', () => {
    expect(limits({ subject: subject('ballot-box', 'none') })).toEqual([IDENTITY, 'Seals'])
    expect(limits({ genesisHash: undefined })).toEqual([IDENTITY, 'That this is the right chain'])
    expect(limits({ rpcUrls: ['http://one'], views: [] })).toEqual([
      IDENTITY,
      'Whether other nodes show the same chain',
    ])
  })

  test('behavior: what other nodes did not show', () => {
    const views = [
      { node: 'dead:1', height: -1, agreesTo: undefined },
      { node: 'young:2', height: 0, agreesTo: undefined },
      { node: 'good:3', height: 0, agreesTo: 0 },
    ]
    expect(limitsOf(emptyLedger(), { ...EVERYTHING, views }).slice(1)).toEqual([
      'What dead:1 shows: it gave no answer.',
      'What young:2 shows: it has too few blocks to be compared, or another chain.',
    ])
  })

  test('behavior: results that no node told, where the contract has any', () => {
    expect(limitsOf(emptyLedger(), { ...EVERYTHING, untold: 1 }).slice(1)).toEqual([
      'The published result of 1 poll(s): the node that was read told none.',
    ])
    expect(limits({ untold: 1, subject: subject('anchored') })).toHaveLength(3)
  })

  test('behavior: blocks that no node shows in a form that holds', () => {
    const ledger = emptyLedger()
    ledger.chain.brokenCount = 1
    expect(limitsOf(ledger, EVERYTHING).slice(1)).toEqual([
      'The ballots of 1 blocks that no node shows in a form that holds: results and receipts are not judged.',
    ])
  })

  test('behavior: a walk that begins later', () => {
    expect(limits({ fromBlock: 1 })).toEqual([IDENTITY])
    expect(limitsOf(emptyLedger(), { ...EVERYTHING, fromBlock: 2 }).slice(1)).toEqual([
      'Blocks before 2: polls and ballots in them are not seen, and the validators are taken from block 2 itself.',
    ])
  })

  test('behavior: receipts: none given, none found, of an unknown signer', () => {
    expect(limits({ receiptsFolder: undefined, receiptSigner: undefined })).toEqual([
      IDENTITY,
      'Receipts',
    ])
    expect(limits({ receiptCount: 0, receiptSigner: undefined })).toEqual([IDENTITY, 'Receipts'])
    expect(limits({ receiptSigner: undefined })).toEqual([IDENTITY, 'Who signed the receipts'])
    expect(limitsOf(emptyLedger(), { ...EVERYTHING, receiptCount: 0 })[1]).toContain('folder')
    expect(limitsOf(emptyLedger(), { ...EVERYTHING, receiptsFolder: undefined })[1]).toContain(
      'none were given',
    )
  })

  test('behavior: votes that name nobody are added up', async () => {
    const ledger = emptyLedger()
    for (const pollId of [1, 2, 3]) {
      await ledger.polls.learn({ pollId, question: '?', options: ['a'], binding: undefined }, 1)
    }
    expect(limits({}, ledger)).toEqual([IDENTITY])
    for (const [pollId, unnamedCount] of [
      [1, 4],
      [3, 1],
    ] as const) {
      Object.assign(ledger.polls.get(pollId)?.counts ?? {}, { unnamedCount })
    }
    expect(limitsOf(ledger, EVERYTHING).slice(1)).toEqual([
      'Whether a user voted twice: the keys of 5 votes name no voter of a register.',
    ])
  })

  test('behavior: polls that are bound to nobody who was shown', async () => {
    const ledger = emptyLedger()
    const register = `0x${'0'.repeat(40)}`
    const times = { opensAt: 1, closesAt: 2, sealsAt: 3 }
    const binding = { pollDigest: '0x', register, slice: undefined, ...times }
    await ledger.polls.learn({ pollId: 1, question: '?', options: ['a'], binding }, 1)
    await ledger.polls.learn({ pollId: 2, question: '?', options: ['a'], binding: undefined }, 1)
    expect(limitsOf(ledger, EVERYTHING).slice(1)).toEqual([
      'To which voters 1 polls are bound: the register is missing or another one.',
    ])
  })
})
