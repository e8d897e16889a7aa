import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { compareNodes, type Verified, type View } from '../../../metrics/audit/compareNodes.ts'
import * as Finding from '../../../metrics/audit/Finding.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'

const recording = Recording.load<Facts.Cast>('ballot-box')
const TIP = recording.blocks.length - 1

let ours: RecordedNode.RecordedNode
let theirs: RecordedNode.RecordedNode

beforeAll(async () => {
  ours = await RecordedNode.start(recording)
  theirs = await RecordedNode.start(recording)
})

beforeEach(() => {
  theirs.rewrite(undefined)
  theirs.show(recording)
})

afterAll(async () => {
  await ours.close()
  await theirs.close()
})

async function compare(change: Partial<Verified> = {}): Promise<{
  view: View | undefined
  findings: Finding.Finding[]
}> {
  const findings = Finding.collect({ count: 0, listed: [] })
  const verified: Verified = {
    fromBlock: 1,
    toBlock: TIP,
    node: Rpc.connect(ours.url),
    validators: { kind: 'none', members: [], votes: [], recent: [] },
    depth: 0,
    ...change,
  }
  const [view] = await compareNodes(verified, [Rpc.connect(theirs.url)], findings)
  return { view, findings: findings.listed() }
}

describe('compareNodes', () => {
  test('default: the same chain, up to the last block', async () => {
    const { view, findings } = await compare()
    expect(view).toEqual({ node: new URL(theirs.url).host, height: TIP, agreesTo: TIP })
    expect(findings).toEqual([])
  })

  test('behavior: a node that is behind agrees as far as it goes', async () => {
    theirs.show(recording, 3)
    expect((await compare()).view).toMatchObject({ height: 3, agreesTo: 3 })
    theirs.show(recording, 0)
    expect((await compare()).view).toMatchObject({ height: 0, agreesTo: 0 })
  })

  test('behavior: what was not verified is not compared, nor what may still be replaced', async () => {
    expect((await compare({ toBlock: 4 })).view).toMatchObject({ height: TIP, agreesTo: 4 })
    expect((await compare({ depth: 3 })).view?.agreesTo).toBe(TIP - 3)
    expect((await compare({ depth: TIP + 9 })).view?.agreesTo).toBe(0)
    // Two blocks at the tip differ, and may.
    theirs.show(Recording.delay(recording, TIP - 1))
    expect((await compare({ depth: 2 })).findings).toEqual([])
    expect((await compare({ depth: 1 })).findings).toHaveLength(1)
  })

  test.each(Array.from({ length: TIP + 1 }, (_, number) => number))(
    'behavior: a chain that parts at block %i',
    async (number) => {
      const other = Recording.delay(recording, number)
      theirs.show(other)
      const { view, findings } = await compare()
      expect(view).toMatchObject({ height: TIP, agreesTo: number === 0 ? undefined : number - 1 })
      const [node, otherNode] = [new URL(ours.url).host, new URL(theirs.url).host]
      expect(findings).toEqual([
        {
          kind: 'nodesDisagree',
          message: `From block ${number} on ${otherNode} shows another chain than ${node}.`,
          evidence: {
            block: number,
            node,
            hash: recording.blocks[number]?.hash,
            otherNode,
            otherHash: other.blocks[number]?.hash,
          },
        },
      ])
    },
  )

  test('behavior: where there are seals, it is told how many validators gave theirs to the other block', async () => {
    theirs.show(Recording.delay(recording, 5))
    const members = [`0x${'11'.repeat(20)}`, `0x${'22'.repeat(20)}`]
    const validators = { kind: 'clique' as const, members, votes: [], recent: [] }
    const { findings } = await compare({ validators })
    expect(findings[0]?.evidence).toMatchObject({ otherSeals: '0 of 2' })
  })

  test('behavior: a node that does not have the block by which it is told is not accused', async () => {
    theirs.rewrite(({ method, params }, result) =>
      method === 'eth_getBlockByNumber' && params[0] !== 'latest' ? null : result,
    )
    const { view, findings } = await compare()
    expect(view).toEqual({ node: new URL(theirs.url).host, height: TIP, agreesTo: undefined })
    expect(findings).toEqual([])
  })

  test('behavior: nor one of which a block in between is missing', async () => {
    theirs.show(Recording.delay(recording, 5))
    const middle = Math.floor((TIP - 1) / 2)
    theirs.rewrite(({ method, params }, result) =>
      method === 'eth_getBlockByNumber' && Number(params[0]) === middle ? null : result,
    )
    const { view, findings } = await compare()
    expect(view?.agreesTo).toBeUndefined()
    expect(findings).toEqual([])
  })

  test('behavior: one without an answer, and one without any block', async () => {
    const away = { node: new URL(theirs.url).host, height: -1, agreesTo: undefined }
    theirs.fail('status')
    expect(await compare()).toEqual({ view: away, findings: [] })
    theirs.fail(undefined)
    theirs.rewrite(() => null)
    expect(await compare()).toEqual({ view: away, findings: [] })
  })
})
