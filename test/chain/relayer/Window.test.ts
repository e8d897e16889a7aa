import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Block } from '../../../chain/relayer/Chain.ts'
import * as Window from '../../../chain/relayer/Window.ts'

/** A block of the branch with a name: its parent is of the same branch but for the first. */
function block(number: number, branch: string, parentHash: string): Block {
  return { number, hash: `${branch}${number}`, parentHash, gasLimit: 1, transactions: [] }
}

/** Extends a chain by blocks of a branch. */
function extend(chain: readonly Block[], branch: string, count: number): Block[] {
  const blocks = [...chain]
  for (let added = 0; added < count; added += 1) {
    blocks.push(block(blocks.length, branch, blocks.at(-1)?.hash ?? ''))
  }
  return blocks
}

/** A node that has these blocks from height 0 on. */
function node(blocks: readonly Block[]): Parameters<typeof Window.advance>[0] {
  const head = blocks.at(-1)
  if (head === undefined) throw new Error('no blocks')
  return { head: async () => head, block: async (number) => blocks[number] }
}

function hashes(blocks: readonly Block[]): string[] {
  return blocks.map(({ hash }) => hash)
}

const BASE = extend([], 'a', 5)

describe('advance', () => {
  test('default', async () => {
    const first = await Window.advance(node(BASE), [], 2)
    expect(hashes(first.added)).toEqual(['a2', 'a3', 'a4'])
    expect(first.dropped).toEqual([])
    const next = await Window.advance(node(extend(BASE, 'a', 1)), first.window, 2)
    expect(hashes(next.added)).toEqual(['a5'])
    const same = await Window.advance(node(extend(BASE, 'a', 1)), next.window, 2)
    expect([same.added, same.dropped]).toEqual([[], []])
  })

  test('behavior: another branch', async () => {
    const { window } = await Window.advance(node(BASE), [], 0)
    const other = extend(BASE.slice(0, 3), 'b', 4)
    const progress = await Window.advance(node(other), window, 0)
    expect(hashes(progress.dropped)).toEqual(['a4', 'a3'])
    expect(hashes(progress.added)).toEqual(['b3', 'b4', 'b5', 'b6'])
  })

  test('behavior: a node that lags loses nothing', async () => {
    const { window } = await Window.advance(node(BASE), [], 0)
    const progress = await Window.advance(node(BASE.slice(0, 3)), window, 0)
    expect([progress.added, progress.dropped]).toEqual([[], []])
    expect(progress.window).toEqual(window)
    expect(progress.caughtUp).toBe(true)
  })

  test('behavior: a shorter branch', async () => {
    const { window } = await Window.advance(node(BASE), [], 0)
    const progress = await Window.advance(node(extend(BASE.slice(0, 2), 'b', 1)), window, 0)
    expect(hashes(progress.dropped)).toEqual(['a4', 'a3', 'a2'])
    expect(hashes(progress.added)).toEqual(['b2'])
  })

  test('behavior: a branch that parted before the window empties it', async () => {
    const { window } = await Window.advance(node(BASE), [], 3)
    const progress = await Window.advance(node(extend(BASE.slice(0, 1), 'b', 5)), window, 3)
    expect(hashes(progress.dropped)).toEqual(['a4', 'a3'])
    expect(progress.window).toEqual([])
  })

  test('behavior: a height that has vanished is no error', async () => {
    const { window } = await Window.advance(node(BASE), [], 0)
    const longer = extend(BASE, 'a', 3)
    const gone = { ...node(longer), block: async () => undefined }
    const progress = await Window.advance(gone, window, 0)
    expect(progress.window).toEqual(window)
    expect(progress.caughtUp).toBe(false)
  })

  test('behavior: whatever branches come, dropped and added lead to the chain', async () => {
    const step = fc.record({ back: fc.nat(6), forth: fc.integer({ min: 1, max: 6 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        let chain = extend([], 'a', 10)
        let { window } = await Window.advance(node(chain), [], 0)
        const seen = new Set(hashes(window))
        for (const [index, { back, forth }] of steps.entries()) {
          chain = extend(chain.slice(0, Math.max(1, chain.length - back)), `s${index}/`, forth)
          const progress = await Window.advance(node(chain), window, 0)
          for (const { hash } of progress.dropped) expect(seen.delete(hash)).toBe(true)
          for (const { hash } of progress.added) seen.add(hash)
          window = progress.window
          // A branch that parted before block 0 cannot be: the window always has the whole chain.
          expect([...seen].toSorted()).toEqual(hashes(chain).toSorted())
        }
      }),
    )
  })
})
