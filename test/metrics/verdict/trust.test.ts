import { describe, expect, test } from 'vitest'

import { trust } from '../../../metrics/verdict/trust.ts'

type Node = Parameters<typeof trust>[0]['nodes'][number]

const READ: Node = { name: 'first:1', blockCount: 9, agreedNumber: 9, isHeard: true }
const AGREES: Node = { name: 'second:2', blockCount: 0, agreedNumber: 0, isHeard: true }
const DIFFERS: Node = { name: 'third:3', blockCount: 0, agreedNumber: -1, isHeard: true }
const SILENT: Node = { name: 'fourth:4', blockCount: 0, agreedNumber: -1, isHeard: false }

function told(nodes: Node[], seals: 'none' | 'qbft' | 'clique' = 'none', validatorCount = 0) {
  return trust({ nodes, seals, validatorCount })
}

describe('trust', () => {
  test('default: seals of how many validators, and whose blocks were read', () => {
    const also = { ...READ, name: 'fifth:5', blockCount: 1 }
    const [sentence, ...more] = told([READ, also, AGREES], 'qbft', 4)
    expect(sentence).toContain('first:1 and fifth:5 was recomputed')
    expect(sentence).toContain('two thirds of the 4 validators')
    expect(more).toEqual([])
  })

  test('behavior: one signer of how many', () => {
    expect(told([READ], 'clique', 3).join()).toContain('one of the 3 signers')
  })

  test('behavior: without seals it matters how many nodes showed the same', () => {
    expect(told([READ, AGREES, DIFFERS]).join()).toContain('2 nodes showed the same')
    expect(told([READ, DIFFERS]).join()).toContain('no other node showed the same')
    expect(told([READ]).join()).not.toContain('seals of two thirds')
    // Whoever was read has shown the same, wherever it stands now.
    expect(told([READ, { ...READ, agreedNumber: -1 }]).join()).toContain('2 nodes showed the same')
  })

  test('behavior: a node that was never heard is named, one that was read or heard is not', () => {
    const readOnly = { ...READ, isHeard: false }
    const sentences = told([readOnly, AGREES, SILENT])
    expect(sentences).toHaveLength(2)
    expect(sentences[1]).toContain('fourth:4')
  })

  test('behavior: where no block was read nothing is promised', () => {
    const [sentence, ...more] = told([AGREES], 'qbft', 4)
    expect(sentence).not.toContain('recomputed')
    expect(more).toEqual([])
  })
})
