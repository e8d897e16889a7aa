import { SimpleMerkleTree } from '@openzeppelin/merkle-tree'
import { describe, expect, test } from 'vitest'

import { merkleRoot } from '../../../metrics/contracts/merkleRoot.ts'
import * as Anchor from '../../../scenarios/ballots/Anchor.ts'

describe('merkleRoot', () => {
  test('default: the library’s root, for every shape of tree', () => {
    const ballots = Array.from({ length: 70 }, (_, i) => ({
      pollId: 1 + (i % 3),
      voterIndex: i * 7919,
      choice: i % 5,
    }))
    for (let count = 1; count <= ballots.length; count += 1) {
      const some = ballots.slice(0, count)
      expect(merkleRoot(some.map(Anchor.leaf))).toBe(
        SimpleMerkleTree.of(some.map(Anchor.leaf)).root,
      )
    }
  })

  test('behavior: another order gives the same root, another ballot another one', () => {
    const leaves = [1, 2, 3, 4, 5].map((byte) => Buffer.alloc(32, byte))
    expect(merkleRoot(leaves.toReversed())).toBe(merkleRoot(leaves))
    expect(merkleRoot(leaves.slice(1))).not.toBe(merkleRoot(leaves))
  })
})
