import { encodeRlp, decodeRlp } from 'ethers'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { audit } from '../../../metrics/audit/audit.ts'
import * as Block from '../../../metrics/audit/Block.ts'
import * as Chain from '../../../metrics/audit/Chain.ts'
import * as Header from '../../../metrics/ethereum/Header.ts'
import * as Validators from '../../../metrics/ethereum/consensus/Validators.ts'
import * as Node from '../../../metrics/audit/Node.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'
import { RESULT } from './hold.ts'

const SUBJECT = {
  kind: 'ballot-box',
  contracts: { main: `0x${'11'.repeat(20)}`, questions: [] },
  consensus: 'qbft',
} as const

/** Seals of four real validators. */
const recording = Recording.load<Facts.Sealed>('qbft')
let liar: RecordedNode.RecordedNode

beforeAll(async () => {
  liar = await RecordedNode.start(recording)
})
beforeEach(() => liar.rewrite(undefined))
afterAll(() => liar.close())

const Sealed = Type.Object({ number: Type.String(), extraData: Type.String() })

/** The kinds of problem of blocks 1 to 3, as the proxy shows them. */
async function problems(): Promise<string[]> {
  const node = Node.connect(liar.url)
  const [genesis, ...blocks] = await Block.read(node, [0, 1, 2, 3], SUBJECT)
  if (genesis === undefined) throw new Error('no genesis')
  let chain: Chain.Chain = {
    number: 0,
    hash: genesis.hash,
    timestamp: 0,
    validators: Validators.create(genesis.seal),
    brokenCount: 0,
  }
  const found: string[] = []
  for (const facts of blocks) {
    const appended = Chain.append(chain, facts)
    if ('next' in appended) chain = appended.next
    else {
      found.push(...appended.problems.map(({ kind, message }) => `${kind}: ${message}`))
      chain = Chain.skip(chain)
    }
  }
  return found
}

/** Alters the fields of block 2's `extraData`: vanity, validators, vote, round, seals. */
function alterExtra(change: (fields: unknown[]) => void, isRehashed = false): void {
  liar.rewrite((call, result) => {
    if (call.method !== 'eth_getBlockByNumber' || !Value.Check(Sealed, result)) return result
    if (Number(result.number) !== 2) return result
    const fields = Array.from(decodeRlp(result.extraData))
    change(fields)
    const told = { ...result, extraData: encodeRlp(fields) }
    if (!isRehashed || !Value.Check(Header.Schema, told)) return told
    return { ...told, hash: `0x${Header.hash(told).toString('hex')}` }
  })
}

function seals(fields: unknown[]): unknown[] {
  const list = fields[4]
  return Array.isArray(list) ? list : []
}

describe('append', () => {
  test('default', async () => {
    expect(await problems()).toEqual([])
  })

  test('behavior: a block with a seal less than two thirds is found', async () => {
    alterExtra((fields) => {
      fields[4] = seals(fields).slice(0, 2)
    })
    expect(await problems()).toEqual([
      expect.stringContaining(
        'brokenSeal: it carries the seals of 2 of 4 validators, 3 are needed',
      ),
    ])
  })

  test('behavior: the same seal three times counts once', async () => {
    alterExtra((fields) => {
      const [first] = seals(fields)
      fields[4] = [first, first, first]
    })
    expect(await problems()).toEqual([expect.stringContaining('the seals of 1 of 4')])
  })

  test('behavior: a seal for another round is none', async () => {
    alterExtra((fields) => {
      fields[3] = fields[3] === '0x' ? '0x01' : '0x'
    })
    expect(await problems()).toEqual([expect.stringContaining('the seals of 0 of 4')])
  })

  test('behavior: validators that nobody voted in are found, even with a fitting hash', async () => {
    alterExtra((fields) => {
      fields[1] = [`0x${'12'.repeat(20)}`]
    }, true)
    const found = await problems()
    expect(found.join()).toContain('brokenSeal: it carries the seals of 0 of 4')
    expect(found.join()).toContain(`it names the validators 0x${'12'.repeat(20)}`)
  })

  test('behavior: a forged block with a fitting hash lacks the seals', async () => {
    liar.rewrite((call, result) => {
      if (call.method !== 'eth_getBlockByNumber' || !Value.Check(Header.Schema, result)) {
        return result
      }
      if (Number(result.number) !== 2) return result
      const told = { ...result, timestamp: '0x7fffffff' }
      return { ...told, hash: `0x${Header.hash(told).toString('hex')}` }
    })
    expect((await problems())[0]).toContain('brokenSeal: it carries the seals of 0 of 4')
  })
})

describe('audit', () => {
  test('default: a real election, sealed blocks, all nodes alike', async () => {
    const { contract, validators } = recording.facts
    const others = await Promise.all([1, 2, 3].map(() => RecordedNode.start(recording)))
    const rpcUrls = [liar, ...others].map(({ url }) => url)
    const result = await audit({ rpcUrls, contract, genesisHash: recording.blocks[0]?.hash })
    for (const node of others) await node.close()
    expect(result.findings).toEqual({ count: 0, listed: [] })
    expect(result.polls).toMatchObject(RESULT)
    expect(result).toMatchObject({ consensus: 'qbft', blocks: { from: 1, brokenCount: 0 } })
    expect(result.blocks.to).toBe(recording.blocks.length - 1)
    expect(result.validators).toEqual(validators.map((one) => one.toLowerCase()).toSorted())
    expect(result.nodes).toHaveLength(3)
    expect(result.notChecked.join()).not.toContain('Seals')
  })

  test('behavior: a chain that was made up lacks the seals from the first block on', async () => {
    const { contract } = recording.facts
    liar.show(Recording.delay(recording, 2))
    const honest = await RecordedNode.start(recording)
    const [alone, both] = [
      await audit({ rpcUrls: [liar.url], contract }),
      await audit({ rpcUrls: [liar.url, honest.url], contract }),
    ]
    liar.show(recording)
    await honest.close()
    expect(alone.blocks.brokenCount).toBe(recording.blocks.length - 2)
    expect(alone.findings.listed[0]).toMatchObject({ kind: 'brokenSeal', evidence: { block: 2 } })
    // Whoever is asked beside it tells the election, and the other chain with its seals.
    expect(both.polls).toMatchObject(RESULT)
    expect(both.blocks.brokenCount).toBe(0)
  })

  test('behavior: from a later block on the validators are those that it names', async () => {
    const { contract, validators } = recording.facts
    const result = await audit({ rpcUrls: [liar.url], contract, fromBlock: 4 })
    expect(result.findings.listed.filter(({ kind }) => kind === 'brokenSeal')).toEqual([])
    expect(result.validators).toEqual(validators.map((one) => one.toLowerCase()).toSorted())
    expect(result.blocks.from).toBe(4)
  })
})
