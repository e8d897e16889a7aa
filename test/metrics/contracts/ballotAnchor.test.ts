import { describe, expect, test } from 'vitest'

import { decodeCall, read } from '../../../metrics/contracts/ballotAnchor.ts'
import type { Executed, Reading } from '../../../metrics/contracts/Decoder.ts'
import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as Recording from '../../helpers/Recording.ts'
import { contractsOf, ELSEWHERE, executedIn, only } from './recorded.ts'

const anchored = Recording.load<Facts.Anchored>('anchored')
const { contract, ballots: BALLOTS, blocks } = anchored.facts
const BATCH = only(executedIn(anchored, blocks.honest))
const ROOT = Anchor.root(BALLOTS)
const wire = Anchor.ballotAnchor

function readBatch(change: Partial<Executed> = {}): Reading {
  return read([{ ...BATCH, ...change }], contractsOf(contract))
}

function reasons({ contradictions }: Reading): string[] {
  return contradictions.map(({ reason }) => reason)
}

/** The batch's event with other words in its data. */
function saying(change: (data: string) => string) {
  return BATCH.logs.map((log) => ({ ...log, data: change(log.data) }))
}

describe('decodeCall', () => {
  test('default: the root and its ballots', () => {
    expect(decodeCall(BATCH.input)).toEqual({ method: 'anchor', root: ROOT, ballots: BALLOTS })
  })

  test('behavior: without padding, and with bytes behind it, it is the same', () => {
    const packed = Buffer.from(Anchor.encode(BALLOTS)).toString('hex')
    const bare = BATCH.input.slice(0, 2 + 8 + 3 * 64) + packed
    for (const input of [bare, `${bare}ff`]) expect(decodeCall(input)?.ballots).toEqual(BALLOTS)
    expect(decodeCall(bare.slice(0, -2))).toBeUndefined()
  })

  test('behavior: a packed list that is malformed, and another call, are none', () => {
    expect(decodeCall(wire.encodeFunctionData('anchor', [ROOT, '0x0102']))).toBeUndefined()
    expect(decodeCall(BATCH.input.slice(0, 2 + 8 + 64))).toBeUndefined()
    expect(decodeCall(`0x12345678${BATCH.input.slice(10)}`)).toBeUndefined()
  })
})

describe('read', () => {
  test('default: the ballots of a batch, that nobody signed, and the root recomputed', () => {
    const reading = readBatch()
    expect(reading).toMatchObject({
      transactions: [BATCH.hash],
      contradictions: [],
      roots: [{ root: ROOT, transaction: BATCH.hash }],
      pushes: [],
    })
    const none = { skipReason: 0, transaction: 0, proof: { kind: 'none', bytes: new Uint8Array() } }
    expect(reading.ballots).toEqual(BALLOTS.map((ballot) => ({ ...ballot, ...none })))
  })

  test('default: every batch of the chain has a place of its own', () => {
    const { transactions, ballots } = read(executedIn(anchored), contractsOf(contract))
    expect(transactions).toHaveLength(3)
    expect(ballots.map(({ transaction }) => transaction)).toEqual([0, 0, 0, 0, 0, 1, 2, 2])
  })

  test('behavior: without the contract’s event nothing was anchored', () => {
    const elsewhere = BATCH.logs.map((log) => ({ ...log, address: ELSEWHERE }))
    const other = BATCH.logs.map((log) => ({ ...log, topics: [`0x${'22'.repeat(32)}`] }))
    for (const logs of [[], elsewhere, other]) {
      expect(readBatch({ logs })).toMatchObject({
        transactions: [],
        ballots: [],
        contradictions: [],
      })
    }
  })

  test('behavior: a root that is not the ballots’ own is a contradiction', () => {
    const wrong = only(executedIn(anchored, blocks.wrongRoot))
    const reading = read([wrong], contractsOf(contract))
    expect(reasons(reading)).toEqual([expect.stringContaining(`0x${'77'.repeat(32)}`)])
    expect(reading.roots[0]?.root).toBe(Anchor.root([{ pollId: 1, voterIndex: 9, choice: 0 }]))
    expect(reading.contradictions[0]?.transaction).toBe(wrong.hash)
  })

  test('behavior: an event with another root or another count is a contradiction', () => {
    const root = readBatch({ logs: saying((data) => `0x${'33'.repeat(32)}${data.slice(66)}`) })
    expect(reasons(root)).toEqual([
      expect.stringContaining(`0x${'33'.repeat(32)}, the calldata ${ROOT}`),
    ])
    const counted = readBatch({ logs: saying((data) => `${data.slice(0, -1)}6`) })
    expect(reasons(counted)).toEqual([expect.stringMatching(/holds 5 ballots, the event says 6/)])
  })

  test('behavior: one call anchors one batch', () => {
    const twice = readBatch({ logs: [...BATCH.logs, ...BATCH.logs] })
    expect(reasons(twice)).toEqual([expect.stringContaining('2 batches')])
    expect(twice.ballots).toHaveLength(5)
  })

  test('behavior: events that no transaction explains are a contradiction', () => {
    const elsewhere = readBatch({ to: ELSEWHERE })
    expect(reasons(elsewhere)).toEqual([expect.stringContaining('no transaction to the anchor')])
    const malformed = readBatch({ input: '0x1234' })
    expect(reasons(malformed)).toEqual([expect.stringContaining('holds none')])
    for (const reading of [elsewhere, malformed]) expect(reading.ballots).toEqual([])
  })
})
