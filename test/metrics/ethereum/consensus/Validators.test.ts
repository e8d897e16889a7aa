import { describe, expect, test } from 'vitest'

import type * as Seal from '../../../../metrics/ethereum/consensus/Seal.ts'
import * as Validators from '../../../../metrics/ethereum/consensus/Validators.ts'

const A = `0x${'a'.repeat(40)}`
const B = `0x${'b'.repeat(40)}`
const C = `0x${'c'.repeat(40)}`
const D = `0x${'d'.repeat(40)}`

type Vote = { recipient: string; isFor: boolean }

function qbft(members: string[], proposer: string, vote?: Vote): Seal.Seal {
  return { kind: 'qbft', proposer, validators: members, signers: members, vote }
}

function clique(signer: string, difficulty: number, vote?: Vote) {
  const none = { recipient: `0x${'0'.repeat(40)}`, isFor: false }
  const validators: string[] = []
  return { kind: 'clique', signer, validators, vote: vote ?? none, difficulty } as const
}

describe('advance', () => {
  test('default: QBFT, a majority lets a validator in with its block', () => {
    const validators = Validators.create(qbft([A, B, C], A))
    const vote = { recipient: D, isFor: true }
    expect(Validators.advance(validators, 1, qbft([A, B, C], A, vote))).toEqual([])
    expect(validators.members).toEqual([A, B, C])
    expect(Validators.advance(validators, 2, qbft([A, B, C], B, vote))).toEqual([])
    expect(validators.members).toEqual([A, B, C, D])
    expect(Validators.advance(validators, 3, qbft([A, B, C], A))).not.toEqual([])
    expect(Validators.advance(validators, 3, qbft([A, B, C, D], A))).toEqual([])
  })

  test('behavior: one voter twice is one vote, and votes lapse with an epoch', () => {
    const validators = Validators.create(qbft([A, B, C], A))
    const vote = { recipient: D, isFor: true }
    Validators.advance(validators, 1, qbft([A, B, C], A, vote))
    Validators.advance(validators, 2, qbft([A, B, C], A, vote))
    expect(validators.members).toEqual([A, B, C])
    Validators.advance(validators, Validators.EPOCH_BLOCKS, qbft([A, B, C], B, vote))
    expect(validators.members).toEqual([A, B, C])
  })

  test('behavior: a majority puts a validator out', () => {
    const validators = Validators.create(qbft([A, B, C], A))
    const vote = { recipient: C, isFor: false }
    Validators.advance(validators, 1, qbft([A, B, C], A, vote))
    Validators.advance(validators, 2, qbft([A, B, C], B, vote))
    expect(validators.members).toEqual([A, B])
  })

  test('behavior: a proposer from outside, and too few seals', () => {
    const validators = Validators.create(qbft([A, B, C], A))
    expect(Validators.advance(validators, 1, qbft([A, B, C], D))).toHaveLength(1)
    const seal = { ...qbft([A, B, C], A), signers: [A, D, D] }
    expect(Validators.advance(validators, 1, seal).join()).toContain('1 of 3')
  })

  test('behavior: Clique, turns and pauses', () => {
    const validators = Validators.create({ ...clique(A, 2), validators: [A, B, C] })
    // Signer number % 3 is in turn.
    expect(Validators.advance(validators, 1, clique(B, 2))).toEqual([])
    expect(Validators.advance(validators, 2, clique(B, 1)).join()).toContain('had to wait')
    expect(Validators.advance(validators, 2, clique(A, 2)).join()).toContain('turn')
    expect(Validators.advance(validators, 2, clique(A, 1))).toEqual([])
    expect(Validators.advance(validators, 3, clique(D, 1)).join()).toContain('no signer')
    expect(Validators.advance(validators, 3, clique(B, 1))).toEqual([])
  })

  test('behavior: Clique, two of three let a fourth in, who then seals', () => {
    const validators = Validators.create({ ...clique(A, 2), validators: [A, B, C] })
    const vote = { recipient: D, isFor: true }
    Validators.advance(validators, 1, clique(B, 2, vote))
    Validators.advance(validators, 2, clique(C, 2, vote))
    expect(validators.members).toEqual([A, B, C, D])
    expect(Validators.advance(validators, 3, clique(D, 2))).toEqual([])
  })
})
