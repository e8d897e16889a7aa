import { describe, expect, test } from 'vitest'

import { orderNodes } from '../../../metrics/audit/orderNodes.ts'
import type * as Rpc from '../../../metrics/rpc/Rpc.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as Recording from '../../helpers/Recording.ts'

const [genesis] = Recording.load<Facts.Cast>('ballot-box').blocks

/** A node at this height; `dead` gives no answer, `blank` has no block. */
function node(height: number | 'dead' | 'blank'): Rpc.Rpc {
  return {
    url: '',
    name: String(height),
    async ask() {
      if (height === 'dead') throw new Error('dead')
      if (height === 'blank') return [null]
      return [{ ...genesis, number: `0x${height.toString(16)}`, transactions: [] }]
    },
  }
}

describe('orderNodes', () => {
  test.each<[(number | 'dead' | 'blank')[], number[]]>([
    // In the user's order, where all are up with each other.
    [
      [9, 9, 9],
      [0, 1, 2],
    ],
    // The first one may lag by five blocks.
    [
      [4, 9, 3],
      [0, 1, 2],
    ],
    [
      [3, 9, 4],
      [1, 0, 2],
    ],
    [
      [3, 2, 9],
      [2, 0, 1],
    ],
    [
      ['dead', 9, 9],
      [1, 0, 2],
    ],
    [
      ['dead', 'dead', 0],
      [2, 0, 1],
    ],
    [
      ['blank', 3],
      [1, 0],
    ],
    // A young chain: who has no answer has no height.
    [
      ['dead', 0, 2],
      [1, 0, 2],
    ],
    [
      ['dead', 'dead'],
      [0, 1],
    ],
    [['dead'], [0]],
    [[], []],
  ])('default: heights %j are asked in the order %j', async (heights, order) => {
    expect(await orderNodes(heights.map(node))).toEqual(order)
  })

  test('behavior: a single node is asked nothing', async () => {
    let asked = 0
    const only = { ...node(1), ask: async () => [(asked += 1)] }
    expect(await orderNodes([only])).toEqual([0])
    expect(asked).toBe(0)
  })
})
