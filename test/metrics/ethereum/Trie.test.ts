import { createMPT } from '@ethereumjs/mpt'
import { describe, expect, test } from 'vitest'

import * as Rlp from '../../../metrics/ethereum/Rlp.ts'
import * as Trie from '../../../metrics/ethereum/Trie.ts'

/** The root by another hand. */
async function expected(items: readonly Buffer[]): Promise<string> {
  const trie = await createMPT()
  for (const [index, item] of items.entries()) {
    await trie.put(Rlp.encode(Rlp.integer(`0x${index.toString(16)}`)), item)
  }
  return `0x${Buffer.from(trie.root()).toString('hex')}`
}

describe('root', () => {
  test('default: as a library computes it, for any number and length of items', async () => {
    for (const count of [0, 1, 2, 3, 16, 17, 127, 128, 129, 255, 256, 257, 700]) {
      const items = Array.from({ length: count }, (_, index) =>
        Buffer.alloc(1 + ((index * 7) % 90), index % 256),
      )
      expect([count, Trie.root(items)]).toEqual([count, await expected(items)])
    }
  })

  test('behavior: order and every byte matter', () => {
    const [a, b] = [Buffer.from('first'), Buffer.from('second')]
    expect(Trie.root([a, b])).not.toBe(Trie.root([b, a]))
    expect(Trie.root([a])).not.toBe(Trie.root([a, b]))
    expect(Trie.root([])).toBe(Trie.EMPTY_ROOT)
  })
})
