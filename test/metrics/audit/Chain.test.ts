import { describe, expect, test } from 'vitest'

import type { Facts } from '../../../metrics/audit/Block.ts'
import * as Chain from '../../../metrics/audit/Chain.ts'

const [OLD, NEW] = [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`]
const [ONE, OTHER] = [`0x${'11'.repeat(20)}`, `0x${'22'.repeat(20)}`]

const CHAIN: Chain.Chain = {
  number: 6,
  hash: OLD,
  timestamp: 100,
  validators: { kind: 'none', members: [], votes: [], recent: [] },
  brokenCount: 2,
}

const NEXT: Facts = {
  number: 7,
  hash: NEW,
  parentHash: OLD,
  timestamp: 100,
  seal: { kind: 'none' },
  faults: [],
  polls: [],
  roots: [],
  pushes: [],
  transactions: [],
  entries: Buffer.alloc(0),
  contradictions: [],
}

describe('append', () => {
  test('default: the next block, also of the same second', () => {
    expect(Chain.append(CHAIN, NEXT)).toEqual({
      next: { ...CHAIN, number: 7, hash: NEW, timestamp: 100 },
    })
  })

  test('behavior: one that stands on another block', () => {
    expect(Chain.append(CHAIN, { ...NEXT, parentHash: NEW })).toEqual({
      problems: [
        { kind: 'brokenBlock', message: `it stands on ${NEW}, the block before is ${OLD}` },
      ],
    })
  })

  test('behavior: one from before', () => {
    expect(Chain.append(CHAIN, { ...NEXT, timestamp: 99 })).toEqual({
      problems: [
        {
          kind: 'brokenBlock',
          message: 'its time 99 is before that of the block before, 100',
        },
      ],
    })
  })

  test('behavior: all faults are told, links of a block without a hash are not looked at', () => {
    const faults = ['its hash is another', 'its root is another']
    const problems = faults.map((message) => ({ kind: 'brokenBlock', message }))
    expect(Chain.append(CHAIN, { ...NEXT, faults })).toEqual({ problems })
    const blank = { ...NEXT, hash: '', parentHash: '', timestamp: 0, faults }
    expect(Chain.append(CHAIN, blank)).toEqual({ problems })
    const wrong = Chain.append(CHAIN, { ...NEXT, faults, parentHash: NEW, timestamp: 1 })
    expect(wrong).toMatchObject({ problems: { length: 4 } })
  })

  test('behavior: behind a block that does not hold, a link is not asked for, the time is', () => {
    const behind = Chain.skip(CHAIN)
    expect(behind).toEqual({ ...CHAIN, number: 7, hash: '', brokenCount: 3 })
    expect(Chain.append(behind, { ...NEXT, number: 8 })).toHaveProperty('next.hash', NEW)
    expect(Chain.append(behind, { ...NEXT, number: 8, timestamp: 1 })).toHaveProperty('problems')
  })

  test('behavior: seals must be those of the validators so far, and a refused block changes none', () => {
    const validators = {
      kind: 'clique' as const,
      members: [ONE, OTHER],
      votes: [],
      recent: [],
    }
    const chain = { ...CHAIN, validators }
    const vote = { recipient: `0x${'0'.repeat(40)}`, isFor: false }
    const sealed = (signer: string | undefined, difficulty: number): Facts => ({
      ...NEXT,
      seal: { kind: 'clique', signer, validators: [], vote, difficulty },
    })
    expect(Chain.append(chain, sealed(OTHER, 2))).toHaveProperty('next.validators.recent', [OTHER])
    expect(chain.validators.recent).toEqual([])
    expect(Chain.append(chain, sealed(undefined, 2))).toEqual({
      problems: [{ kind: 'brokenSeal', message: 'it carries no seal' }],
    })
    // Of a block that was altered the seals say nothing of their own.
    expect(Chain.append(chain, { ...sealed(undefined, 2), parentHash: NEW })).toMatchObject({
      problems: { length: 1, 0: { kind: 'brokenBlock' } },
    })
  })
})
