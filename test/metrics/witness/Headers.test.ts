import { describe, expect, test } from 'vitest'

import type * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as Headers from '../../../metrics/witness/Headers.ts'
import { readBlock } from '../../../metrics/witness/readBlock.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as Recording from '../../helpers/Recording.ts'

const HASH = `0x${'ab'.repeat(32)}`

/** A node that gives these answers, and what it was asked. */
function telling(...answers: unknown[]): Rpc.Rpc & { asked: Rpc.Call[] } {
  const asked: Rpc.Call[] = []
  return {
    url: 'http://told:1',
    name: 'told:1',
    asked,
    ask(calls) {
      asked.push(...calls)
      return Promise.resolve(calls.map(() => answers.shift()))
    },
  }
}

function headerCall(tag: string): Rpc.Call {
  return { method: 'eth_getBlockByNumber', params: [tag, false] }
}

const MALFORMED: [string, unknown][] = [
  ['nothing at all', undefined],
  ['a text', 'block'],
  ['no hash', { number: '0x1' }],
  ['no number', { hash: HASH }],
  ['a hash that is too short', { number: '0x1', hash: HASH.slice(0, -1) }],
  ['a hash that is too long', { number: '0x1', hash: `${HASH}a` }],
  ['something before the hash', { number: '0x1', hash: ` ${HASH}` }],
  ['a decimal number', { number: '1', hash: HASH }],
  ['something before the number', { number: '10x1', hash: HASH }],
  ['a number without digits', { number: '0x', hash: HASH }],
  ['a number of 17 digits', { number: `0x${'1'.repeat(17)}`, hash: HASH }],
]

describe('readHeaders', () => {
  test('default: names of blocks in the order of their heights; none where the node has none', async () => {
    const node = telling({ number: '0x10', hash: HASH, more: 1 }, null)
    expect(await Headers.readHeaders(node, [16, 255])).toEqual([
      { number: 16, hash: HASH },
      undefined,
    ])
    expect(node.asked).toEqual([headerCall('0x10'), headerCall('0xff')])
  })

  test('behavior: the finalized block is asked for by its tag', async () => {
    const node = telling({ number: '0x7', hash: HASH })
    expect(await Headers.readHeaders(node, ['finalized'])).toEqual([{ number: 7, hash: HASH }])
    expect(node.asked).toEqual([headerCall('finalized')])
  })

  test.each(MALFORMED)('error: %s is no header', async (_, answer) => {
    await expect(Headers.readHeaders(telling(answer), [1])).rejects.toMatchObject({
      kind: 'malformed',
    })
  })
})

describe('probe', () => {
  test('default: the height, and the block at the height of interest', async () => {
    const node = telling('0x20', { number: '0x10', hash: HASH })
    expect(await Headers.probe(node, 16)).toEqual({
      height: 32,
      header: { number: 16, hash: HASH },
    })
    expect(node.asked).toEqual([{ method: 'eth_blockNumber', params: [] }, headerCall('0x10')])
  })

  test('behavior: a node without that block has its height all the same', async () => {
    expect(await Headers.probe(telling('0x0', null), 3)).toEqual({ height: 0, header: undefined })
  })

  test.each([[32], [null], [undefined], ['many'], ['0x20000000000000'], ['1.5']])(
    'error: a height of %j is none',
    async (height) => {
      await expect(Headers.probe(telling(height, null), 3)).rejects.toMatchObject({
        kind: 'malformed',
      })
    },
  )

  test('behavior: the greatest height that is exact is one', async () => {
    const { height } = await Headers.probe(telling('0x1fffffffffffff', null), 3)
    expect(height).toBe(Number.MAX_SAFE_INTEGER)
  })

  test.each(MALFORMED)('error: %s is no header', async (_, answer) => {
    await expect(Headers.probe(telling('0x20', answer), 1)).rejects.toMatchObject({
      kind: 'malformed',
    })
  })
})

describe('readBlock', () => {
  const { blocks, receipts, facts } = Recording.load<Facts.Cast>('direct')
  const { fromBlock: number, contract } = facts
  const block = blocks[number]
  const receipt = receipts[block?.transactions[0]?.hash ?? '']

  test('default: a block with the receipts of its transactions', async () => {
    const shown = await readBlock(telling(block, receipt), number, [contract])
    expect(shown).toMatchObject({ number, hash: block?.hash, faults: [], isPartial: false })
    expect(shown?.mined.map(({ receipt: { transactionHash } }) => transactionHash)).toEqual([
      facts.transactions[0],
    ])
  })

  test('behavior: a node without the block has none, and is no liar', async () => {
    expect(await readBlock(telling(null), number, [contract])).toBeUndefined()
  })

  test('behavior: a block of another height says so', async () => {
    const shown = await readBlock(telling(block, receipt), number + 1, [contract])
    expect(shown?.faults).toHaveLength(1)
    expect(shown?.mined).toEqual([])
  })

  test.each([
    ['what has not the form of a block', [{}]],
    ['no answer at all', []],
    ['a block without its receipts', [block, null]],
    ['the receipt of another block', [block, { ...receipt, blockHash: HASH }]],
  ])('error: %s is no usable answer', async (_, answers) => {
    await expect(readBlock(telling(...answers), number, [contract])).rejects.toMatchObject({
      kind: 'malformed',
    })
  })
})
