import { Value } from 'typebox/value'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { audit } from '../../../metrics/audit/audit.ts'
import * as CheckedBlock from '../../../metrics/blocks/CheckedBlock.ts'
import * as Block from '../../../metrics/audit/Block.ts'
import * as Chain from '../../../metrics/audit/Chain.ts'
import * as Seal from '../../../metrics/ethereum/consensus/Seal.ts'
import * as Validators from '../../../metrics/ethereum/consensus/Validators.ts'
import * as Header from '../../../metrics/ethereum/Header.ts'
import * as Node from '../../../metrics/audit/Node.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'
import { RESULT } from './hold.ts'

const BLOCKS = 8
const SUBJECT = {
  kind: 'ballot-box',
  contracts: { main: `0x${'11'.repeat(20)}`, questions: [] },
  consensus: 'clique',
} as const

/** Seals of three real signers. */
const recording = Recording.load<Facts.Sealed>('clique')
let liar: RecordedNode.RecordedNode

beforeAll(async () => {
  liar = await RecordedNode.start(recording)
})
beforeEach(() => liar.rewrite(undefined))
afterAll(() => liar.close())

async function problems(): Promise<string[]> {
  const node = Node.connect(liar.url)
  const numbers = Array.from({ length: BLOCKS + 1 }, (_, number) => number)
  const [genesis, ...blocks] = await Block.read(node, numbers, SUBJECT)
  if (genesis === undefined) throw new Error('no genesis')
  const validators = Validators.create(genesis.seal)
  const { hash } = genesis
  let chain: Chain.Chain = { number: 0, hash, timestamp: 0, validators, brokenCount: 0 }
  const found: string[] = []
  for (const facts of blocks) {
    const appended = Chain.append(chain, facts)
    if ('next' in appended) {
      chain = appended.next
      continue
    }
    found.push(...appended.problems.map(({ kind, message }) => `${kind}: ${message}`))
    chain = Chain.skip(chain)
  }
  return found
}

describe('append', () => {
  test('default', async () => {
    const node = Node.connect(liar.url)
    const genesis = await CheckedBlock.readHeader(node, 0)
    expect(genesis && Seal.kindOf(genesis)).toBe('clique')
    expect(await problems()).toEqual([])
  })

  test('behavior: a forged block with a fitting hash is sealed by nobody', async () => {
    liar.rewrite((call, result) => {
      if (call.method !== 'eth_getBlockByNumber' || !Value.Check(Header.Schema, result)) {
        return result
      }
      if (Number(result.number) !== 3) return result
      const told = { ...result, timestamp: '0x7fffffff' }
      return { ...told, hash: `0x${Header.hash(told).toString('hex')}` }
    })
    const [first] = await problems()
    expect(first).toContain('who is no signer')
  })
})

describe('audit', () => {
  test('default: a real election, all but the blocks that a reorganisation may still replace', async () => {
    const { contract } = recording.facts
    const others = await Promise.all([1, 2].map(() => RecordedNode.start(recording)))
    const rpcUrls = [liar, ...others].map(({ url }) => url)
    const result = await audit({ rpcUrls, contract })
    for (const node of others) await node.close()
    expect(result.findings).toEqual({ count: 0, listed: [] })
    expect(result.polls).toMatchObject(RESULT)
    expect(result.consensus).toBe('clique')
    // Of three signers two may still replace what is not deeper than they are.
    expect(result.blocks.to).toBe(recording.blocks.length - 1 - 2)
    expect(result.nodes).toHaveLength(2)
  })

  test('behavior: the last blocks of another node may differ, and those below may not', async () => {
    const { contract } = recording.facts
    const tip = recording.blocks.length - 1
    const other = await RecordedNode.start(recording)
    const found: [number, string[]][] = []
    for (const from of [tip - 1, tip - 2]) {
      other.show(Recording.delay(recording, from))
      const { findings } = await audit({ rpcUrls: [liar.url, other.url], contract })
      found.push([tip - from, findings.listed.map(({ kind }) => kind)])
    }
    await other.close()
    expect(found).toEqual([
      [1, []],
      [2, ['nodesDisagree']],
    ])
  })
})
