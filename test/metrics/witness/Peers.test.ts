import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as Validators from '../../../metrics/ethereum/consensus/Validators.ts'
import type * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as Peers from '../../../metrics/witness/Peers.ts'
import * as Tail from '../../../metrics/witness/Tail.ts'

const FIRST = 5

/** The names that a node gives to blocks and its height, both of which a test may change. */
type Told = { height: number; hashAt: (number: number) => string | undefined }

function hashOf(number: number, branch = 'a'): string {
  return `0x${branch}${number.toString(16).padStart(63, '0')}`
}

function node(told: Told): Rpc.Rpc & { asked: unknown[] } {
  const asked: unknown[] = []
  return {
    url: 'http://peer:1',
    name: 'peer:1',
    asked,
    ask(calls) {
      return Promise.resolve(
        calls.map(({ method, params: [tag] }) => {
          if (method === 'eth_blockNumber') return `0x${told.height.toString(16)}`
          asked.push(tag)
          const hash = told.hashAt(Number(tag))
          return hash === undefined ? null : { number: tag, hash }
        }),
      )
    },
  }
}

/** Our blocks from the fifth to the tenth. */
function view(
  finality: Peers.View['finality'] = { kind: 'instant' },
  finalNumber = 10,
  blockCount = 6,
): Peers.View {
  const tail = Tail.create()
  const validators = Validators.from(undefined)
  for (let number = FIRST; number < FIRST + blockCount; number += 1) {
    tail.append({ number, hash: hashOf(number), timestamp: 0, ballotCount: 0, validators })
  }
  return { tail, finality, finalNumber }
}

function agreeing(agreedNumber: number): Peers.Peer {
  const honest = node({ height: 0, hashAt: () => undefined })
  return { ...Peers.create(honest), agreedNumber }
}

describe('majorityNumber', () => {
  test('default: of three nodes two are enough, of four they are not', () => {
    expect(Peers.majorityNumber([agreeing(9), agreeing(4)], 9)).toBe(9)
    expect(Peers.majorityNumber([agreeing(9), agreeing(4), agreeing(4)], 9)).toBe(4)
    expect(Peers.majorityNumber([agreeing(9), agreeing(9), agreeing(4)], 9)).toBe(9)
  })

  test('behavior: one node is its own majority, two must agree', () => {
    expect(Peers.majorityNumber([], 9)).toBe(9)
    expect(Peers.majorityNumber([agreeing(-1)], 9)).toBe(-1)
    expect(Peers.majorityNumber([agreeing(8)], 9)).toBe(8)
  })

  test('behavior: more than half of the nodes have the block, and not the one above it', () => {
    const heights = fc.array(fc.integer({ min: -1, max: 30 }), { maxLength: 9 })
    fc.assert(
      fc.property(heights, fc.integer({ min: -1, max: 30 }), (others, reader) => {
        const number = Peers.majorityNumber(others.map(agreeing), reader)
        const all = [reader, ...others.map((height) => Math.min(height, reader))]
        const having = (least: number) => all.filter((height) => height >= least).length
        expect(having(number) * 2).toBeGreaterThan(all.length)
        expect(having(number + 1) * 2).toBeLessThanOrEqual(all.length)
      }),
      { numRuns: 50 },
    )
  })
})

describe('candidateNumber', () => {
  test('default: the tip, or as far below it as the depth, or what the tag has made final', () => {
    expect(Peers.candidateNumber(view({ kind: 'instant' }, 7))).toBe(10)
    expect(Peers.candidateNumber(view({ kind: 'depth', depth: 3 }, 7))).toBe(7)
    expect(Peers.candidateNumber(view({ kind: 'tag' }, 6))).toBe(6)
  })

  test('behavior: before the first block there is no candidate', () => {
    expect(Peers.candidateNumber(view({ kind: 'instant' }, 4, 0))).toBe(-1)
    expect(Peers.candidateNumber(view({ kind: 'depth', depth: 3 }, 4, 0))).toBe(-4)
  })
})

const now = () => 5000

describe('compare', () => {
  test('default: a node with the same block agrees up to there', async () => {
    const peer = Peers.create(node({ height: 12, hashAt: hashOf }))
    expect([peer.height, peer.agreedNumber]).toEqual([-1, -1])
    expect(await Peers.compare(peer, view(), now)).toBe(true)
    expect(peer).toMatchObject({ height: 12, agreedNumber: 10, heardAtMs: 5000 })
    expect(peer.suspicion).toBeUndefined()
  })

  test('behavior: a node that agrees is left alone for a second, one that does not is asked on', async () => {
    const told = { height: 12, hashAt: hashOf }
    const asked = node(told)
    const peer = Peers.create(asked)
    await Peers.compare(peer, view(), now)
    expect(await Peers.compare(peer, view(), () => 5999)).toBe(false)
    expect(asked.asked).toHaveLength(1)
    expect(await Peers.compare(peer, view(), () => 6000)).toBe(true)
    // One block more of ours, of which it has said nothing.
    const grown = view({ kind: 'instant' }, 11, 7)
    expect(await Peers.compare(peer, grown, () => 6001)).toBe(true)
    expect(asked.asked).toEqual(['0xa', '0xa', '0xb'])
  })

  test('behavior: before the first block the genesis block is asked for, and nothing follows from it', async () => {
    const asked = node({ height: 3, hashAt: (number) => hashOf(number, 'b') })
    const peer = Peers.create(asked)
    await Peers.compare(peer, view({ kind: 'depth', depth: 2 }, 4, 0), now)
    expect(asked.asked).toEqual(['0x0'])
    expect(peer).toMatchObject({ height: 3, agreedNumber: -1, suspicion: undefined })
  })

  test('behavior: a node that is behind has said nothing against us', async () => {
    const told: Told = { height: 8, hashAt: (number) => (number > 8 ? undefined : hashOf(number)) }
    const peer = Peers.create(node(told))
    await Peers.compare(peer, view(), now)
    expect(peer).toMatchObject({ height: 8, agreedNumber: -1, suspicion: undefined })
  })

  test('behavior: another block takes the agreement back, but not below it', async () => {
    const peer = Peers.create(node({ height: 12, hashAt: (number) => hashOf(number, 'b') }))
    peer.agreedNumber = 10
    peer.heardAtMs = 0
    await Peers.compare(peer, view(), now)
    expect(peer.agreedNumber).toBe(9)
    expect(peer.suspicion).toEqual({
      ours: { number: 10, hash: hashOf(10) },
      theirs: { number: 10, hash: hashOf(10, 'b') },
    })
    peer.agreedNumber = 6
    await Peers.compare(peer, view(), now)
    expect(peer.agreedNumber).toBe(6)
  })

  test.each([
    ['at its depth in both', 7, 10, true],
    ['not deep enough with the other', 7, 9, false],
    ['not final with us', 6, 10, false],
  ])('behavior: another block is suspicious once it is final: %s', async (...row) => {
    const [, finalNumber, height, isSuspicious] = row
    const peer = Peers.create(node({ height, hashAt: (number) => hashOf(number, 'b') }))
    await Peers.compare(peer, view({ kind: 'depth', depth: 3 }, finalNumber), now)
    expect(peer.suspicion !== undefined).toBe(isSuspicious)
  })

  test('behavior: a disagreement is no news until it has ended', async () => {
    const told: Told = { height: 12, hashAt: (number) => hashOf(number, 'b') }
    const peer = Peers.create(node(told))
    peer.isDisagreeing = true
    await Peers.compare(peer, view(), now)
    expect(peer.suspicion).toBeUndefined()
    told.hashAt = hashOf
    await Peers.compare(peer, view(), now)
    expect(peer).toMatchObject({ isDisagreeing: false, agreedNumber: 10 })
    told.hashAt = (number) => hashOf(number, 'b')
    await Peers.compare(peer, view(), () => 9000)
    expect(peer.suspicion).toBeDefined()
    told.hashAt = hashOf
    await Peers.compare(peer, view(), () => 19_000)
    expect(peer.suspicion).toBeUndefined()
  })
})
