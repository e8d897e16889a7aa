import { SimpleMerkleTree } from '@openzeppelin/merkle-tree'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as MerkleTree from '../../../scenarios/ballots/MerkleTree.ts'

const anyLeaves = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
  minLength: 1,
  maxLength: 40,
})

describe('of', () => {
  test('default: root and proofs are those of the published package', () => {
    fc.assert(
      fc.property(anyLeaves, fc.nat(), (leaves, seed) => {
        const theirs = SimpleMerkleTree.of(leaves)
        const ours = MerkleTree.of(leaves)
        const index = seed % leaves.length
        expect(ours.root).toBe(theirs.root)
        expect(ours.proof(index)).toEqual(theirs.getProof(index))
      }),
    )
  })

  test('behavior: any order gives the same root', () => {
    const leaves = [3, 1, 2].map((byte) => Buffer.alloc(32, byte))
    expect(MerkleTree.of(leaves).root).toBe(MerkleTree.of(leaves.toReversed()).root)
  })

  test('error: a place that holds no leaf', () => {
    expect(() => MerkleTree.of([Buffer.alloc(32)]).proof(1)).toThrow(RangeError)
  })
})
