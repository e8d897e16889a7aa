import { describe, expect, test } from 'vitest'

import type { Executed, Reading } from '../../../metrics/contracts/Decoder.ts'
import { decodeCall, decoder, read } from '../../../metrics/contracts/ballotBox.ts'
import { DECODERS, decoderOf } from '../../../metrics/contracts/decoderOf.ts'
import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as Recording from '../../helpers/Recording.ts'
import { contractsOf, ELSEWHERE, executedIn, only } from './recorded.ts'

const box = Recording.load<Facts.Cast>('ballot-box')
const own = Recording.load<Facts.Cast>('direct')
const wire = Contract.ballotBox

/** The batch of eight ballots, and a voter's own transaction. */
const BATCH = only(executedIn(box, box.facts.ballotBlocks[0]))
const CAST = only(executedIn(own, own.facts.ballotBlocks[0]))
const [BALLOT] = read([CAST], contractsOf(own.facts.contract)).ballots

function readBatch(change: Partial<Executed> = {}): Reading {
  return read([{ ...BATCH, ...change }], contractsOf(box.facts.contract))
}

function readCast(change: Partial<Executed> = {}): Reading {
  return read([{ ...CAST, ...change }], contractsOf(own.facts.contract))
}

/** An event as the contract of the batch would tell it. */
function event(name: string, args: unknown[], address = box.facts.contract) {
  return { address, ...wire.encodeEventLog(name, args) }
}

function reasons({ contradictions }: Reading): string[] {
  return contradictions.map(({ reason }) => reason)
}

function castOf(
  args: { poll?: number; voter?: number; choice?: number },
  from = CAST.input,
): string {
  const [poll, digest, voter, choice] = wire.decodeFunctionData('cast', from)
  const all = [args.poll ?? poll, digest, args.voter ?? voter, args.choice ?? choice]
  return wire.encodeFunctionData('cast', all)
}

function batchOf(input: string): Buffer {
  return Buffer.from(String(wire.decodeFunctionData('castBatch', input)[0]).slice(2), 'hex')
}

/** Calldata with this batch. */
function batch(bytes: Uint8Array): string {
  return wire.encodeFunctionData('castBatch', [bytes])
}

/** What an event says where seven of eight were counted and one was skipped. */
function skipped(args: unknown[]) {
  return [event('BatchCast', [7, 1]), event('BallotSkipped', args)]
}

describe('decodeCall', () => {
  const [first] = Batch.decode(batchOf(BATCH.input))

  test('default: a batch of eight ballots, and a voter’s own', () => {
    const call = decodeCall(BATCH.input)
    expect(call?.method).toBe('castBatch')
    expect(call?.method === 'castBatch' && call.ballots).toHaveLength(8)
    const { pollId, voterIndex, choice } = BALLOT ?? {}
    expect(decodeCall(CAST.input)).toMatchObject({ method: 'cast', pollId, voterIndex, choice })
  })

  test('behavior: a batch without its padding, and with bytes behind it, is the same', () => {
    const packed = batchOf(BATCH.input)
    const head = BATCH.input.slice(0, 2 + 8 + 128)
    const bare = `${head}${packed.toString('hex')}`
    for (const input of [bare, `${bare}ffff`]) {
      expect(decodeCall(input)).toEqual(decodeCall(BATCH.input))
    }
    // One byte less than the batch has.
    expect(decodeCall(bare.slice(0, -2))).toBeUndefined()
  })

  test('behavior: an empty batch, and one that holds no whole ballots, are reverted', () => {
    expect(decodeCall(batch(new Uint8Array()))).toBeUndefined()
    expect(decodeCall(batch(new Uint8Array(Batch.RECORD_SIZE_BYTES - 1)))).toBeUndefined()
    const one = first === undefined ? new Uint8Array() : Batch.encode([first])
    expect(decodeCall(batch(one))).toEqual({ method: 'castBatch', ballots: [first] })
  })

  test.each([
    [{ poll: 2 ** 32 - 1 }, true],
    [{ poll: 2 ** 32 }, false],
    [{ voter: 2 ** 32 - 1 }, true],
    [{ voter: 2 ** 32 }, false],
    [{ choice: 255 }, true],
    [{ choice: 256 }, false],
  ])('behavior: of %j there is a ballot: %s', (args, isThere) => {
    // Encoded by hand, since a library refuses what a word can hold.
    const [at, value] = Object.entries(args)[0] ?? ['poll', 0]
    const index = { poll: 0, voter: 2, choice: 3 }[at] ?? 0
    const from = 2 + 8 + index * 64
    const input =
      CAST.input.slice(0, from) + value.toString(16).padStart(64, '0') + CAST.input.slice(from + 64)
    expect(decodeCall(input) !== undefined).toBe(isThere)
  })

  test('behavior: fewer words than arguments, and another function, are no call', () => {
    expect(decodeCall(CAST.input.slice(0, 2 + 8 + 4 * 64))).toBeDefined()
    expect(decodeCall(CAST.input.slice(0, 2 + 8 + 4 * 64 - 2))).toBeUndefined()
    expect(decodeCall(BATCH.input.slice(0, 2 + 8))).toBeUndefined()
    expect(decodeCall('0x12345678')).toBeUndefined()
    expect(decodeCall('0x')).toBeUndefined()
  })
})

describe('read', () => {
  test('default: every ballot of a batch with its signature', () => {
    const { ballots, transactions, contradictions } = readBatch()
    expect(transactions).toEqual([BATCH.hash])
    expect(contradictions).toEqual([])
    expect(ballots).toHaveLength(8)
    for (const { skipReason, transaction, proof } of ballots) {
      expect([skipReason, transaction, proof.kind, proof.bytes.length]).toEqual([
        0,
        0,
        'signature',
        65,
      ])
    }
  })

  test('default: a voter’s own ballot with the digest that the sender named', () => {
    const { ballots, contradictions } = readCast()
    expect(contradictions).toEqual([])
    expect(only(ballots).proof).toEqual({
      kind: 'sender',
      bytes: Buffer.from(own.facts.poll.pollDigest.slice(2), 'hex'),
    })
  })

  test('behavior: a transaction without an event of the contract counts nothing', () => {
    const silent = readBatch({ logs: [] })
    expect(silent).toMatchObject({ transactions: [], ballots: [], contradictions: [] })
    const elsewhere = BATCH.logs.map((log) => ({ ...log, address: ELSEWHERE }))
    expect(readBatch({ logs: elsewhere }).ballots).toEqual([])
  })

  test('behavior: a node may write addresses in any case', () => {
    const logs = BATCH.logs.map((log) => ({
      ...log,
      address: log.address.toUpperCase().replace('X', 'x'),
    }))
    const { ballots, contradictions } = readBatch({
      logs,
      to: BATCH.to?.toUpperCase().replace('X', 'x'),
    })
    expect([ballots.length, contradictions]).toEqual([8, []])
  })

  test('behavior: a skipped ballot bears its reason, and the others count', () => {
    const { ballots } = readBatch()
    const [, second] = ballots
    const logs = [
      event('BatchCast', [7, 1]),
      event('BallotSkipped', [second?.pollId, second?.voterIndex, 1, 3]),
    ]
    const told = readBatch({ logs })
    expect(told.contradictions).toEqual([])
    expect(told.ballots.map(({ skipReason }) => skipReason)).toEqual([0, 3, 0, 0, 0, 0, 0, 0])
  })

  test.each([
    [
      'more were counted than lie there',
      [event('BatchCast', [9, 0])],
      /holds 8 ballots, the event says 9/,
    ],
    [
      'nothing says how many',
      [event('BallotSkipped', [0, 0, 0, 1])],
      /holds 7 ballots, the event says nothing/,
    ],
    [
      'it was told twice',
      [event('BatchCast', [8, 0]), event('BatchCast', [8, 0])],
      /8 ballots, the event says 8/,
    ],
  ])('behavior: a batch that differs from its event is a contradiction: %s', (_, logs, text) => {
    const told = readBatch({ logs })
    expect(reasons(told).some((reason) => text.test(reason))).toBe(true)
    expect(told.contradictions[0]?.transaction).toBe(BATCH.hash)
  })

  test('behavior: another ballot skipped than lies at the position, or none lies there', () => {
    const { ballots } = readBatch()
    const [zero, one] = ballots
    const otherPoll = readBatch({ logs: skipped([2, zero?.voterIndex, 0, 1]) })
    const otherVoter = readBatch({ logs: skipped([1, one?.voterIndex, 0, 1]) })
    for (const told of [otherPoll, otherVoter])
      expect(reasons(told)).toEqual([expect.stringContaining('position 0')])
    const last = ballots[7]
    expect(readBatch({ logs: skipped([1, last?.voterIndex, 7, 1]) }).contradictions).toEqual([])
    const beyond = readBatch({ logs: skipped([1, last?.voterIndex, 8, 1]) })
    expect(reasons(beyond)).toHaveLength(1)
  })

  test('behavior: events that no transaction explains are a contradiction', () => {
    expect(reasons(readBatch({ to: ELSEWHERE }))).toEqual([
      expect.stringContaining('no transaction to it'),
    ])
    expect(readBatch({ to: ELSEWHERE }).ballots).toEqual([])
    const cast = readCast({ to: ELSEWHERE })
    expect(reasons(cast)).toEqual([expect.stringContaining('no transaction to it')])
    expect(only(cast.ballots).proof).toEqual({ kind: 'event', bytes: new Uint8Array() })
    expect(reasons(readBatch({ input: '0x12345678' }))).toEqual([
      expect.stringContaining('holds none'),
    ])
    expect(reasons(readBatch({ input: CAST.input }))).toEqual([
      expect.stringContaining('holds none'),
    ])
  })

  test.each([
    ['choice', { choice: 255 }],
    ['voter', { voter: 4_000_000_000 }],
    ['poll', { poll: 9 }],
  ])('behavior: another %s in the calldata than in the event', (_, args) => {
    const told = readCast({ input: castOf(args) })
    const [value] = Object.values(args)
    expect(reasons(told)).toEqual([expect.stringContaining(String(value))])
    const { pollId, voterIndex, choice } = BALLOT ?? {}
    expect(told.contradictions).toMatchObject([{ pollId, voterIndex }])
    expect(told.ballots).toMatchObject([{ pollId, voterIndex, choice, proof: { kind: 'event' } }])
    expect(reasons(told)[0]).toContain(`choice ${choice} of voter ${voterIndex} in poll ${pollId}`)
  })

  test('behavior: an event without a ballot in the calldata, and two for one', () => {
    expect(reasons(readCast({ input: '0x' }))).toEqual([expect.stringContaining('holds no ballot')])
    const twice = readCast({ logs: [...CAST.logs, ...CAST.logs] })
    expect(reasons(twice)).toEqual([expect.stringContaining('2 ballots')])
    const { pollId, voterIndex } = BALLOT ?? {}
    expect(twice.contradictions).toMatchObject([{ pollId, voterIndex }])
    const unknown = readCast({ input: '0x', logs: [...CAST.logs, ...CAST.logs] })
    expect(unknown.contradictions.at(-1)).not.toHaveProperty('pollId')
  })

  test('behavior: several transactions have places of their own', () => {
    const contracts = contractsOf(own.facts.contract)
    const all = executedIn(own).filter(({ to }) => to === own.facts.contract)
    const { transactions, ballots } = read(all, contracts)
    expect(transactions).toEqual(own.facts.transactions)
    expect(ballots.map(({ transaction }) => transaction)).toEqual(transactions.map((_, at) => at))
  })
})

describe('decoderOf', () => {
  test('default: each kind by itself, known by a function that only it has', () => {
    for (const [kind, one] of Object.entries(DECODERS)) {
      expect([one.kind, decoderOf(one.kind)]).toEqual([kind, one])
      expect(one.mark).toMatch(/^0x[0-9a-f]{8}$/)
    }
    expect(new Set(Object.values(DECODERS).map(({ mark }) => mark)).size).toBe(3)
    expect(BATCH.input.startsWith(decoder.mark)).toBe(true)
  })

  test('default: what each contract should tell of a recount, and that boxes have no questions', async () => {
    const recount = { recount: [3, 2], voterCount: 5 }
    expect(decoderOf('ballot-box').tallyOf(recount)).toEqual([3, 2])
    expect(decoderOf('anchored').tallyOf(recount)).toEqual([5])
    expect(decoderOf('active-citizen-2017').tallyOf(recount)).toEqual([3, 2, 5])
    const nobody = { url: '', name: '', ask: async () => [] }
    expect(await decoderOf('ballot-box').findQuestions(nobody, ELSEWHERE)).toEqual([])
    expect(await decoderOf('anchored').findQuestions(nobody, ELSEWHERE)).toEqual([])
  })

  test('default: the polls that were created, with what binds them', () => {
    const { contract, poll } = box.facts
    const found = decoder.pollsIn(executedIn(box), contractsOf(contract))
    const { question, options, pollDigest, opensAt, closesAt, sealsAt } = poll
    expect(found).toMatchObject([
      { pollId: 1, question, options, binding: { pollDigest, opensAt, closesAt, sealsAt } },
    ])
    expect(found[0]?.binding?.slice).toBeUndefined()
    expect(found[0]?.binding?.register).toMatch(/^0x[0-9a-f]{40}$/)
    expect(decoder.pollsIn(executedIn(box), contractsOf(ELSEWHERE))).toEqual([])
    expect(
      decoderOf('active-citizen-2017').pollsIn(executedIn(box), contractsOf(contract)),
    ).toEqual([])
  })

  test('behavior: a poll of a slice of the register', () => {
    const { contract } = box.facts
    const digest = `0x${'11'.repeat(32)}`
    const fields = wire.getEvent('PollCreated')?.inputs.map(({ name }) => name) ?? []
    const values: Record<string, unknown> = {
      pollId: 7,
      pollDigest: digest,
      register: ELSEWHERE,
      firstVoter: 3,
      voterCount: 20,
      opensAt: 1,
      closesAt: 2,
      sealsAt: 3,
      question: 'Who?',
      options: ['a', 'b'],
    }
    const log = event(
      'PollCreated',
      fields.map((name) => values[name]),
    )
    const [poll] = decoder.pollsIn([{ ...BATCH, logs: [log] }], contractsOf(contract))
    expect(poll).toEqual({
      pollId: 7,
      question: 'Who?',
      options: ['a', 'b'],
      binding: {
        pollDigest: digest,
        register: ELSEWHERE,
        slice: { firstVoter: 3, voterCount: 20 },
        opensAt: 1,
        closesAt: 2,
        sealsAt: 3,
      },
    })
  })
})
