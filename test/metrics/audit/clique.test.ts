import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Value } from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Clique from '../../../chain/networks/clique.ts'
import type { Network } from '../../../chain/networks/Network.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'
import { audit } from '../../../metrics/audit/audit.ts'
import * as CheckedBlock from '../../../metrics/blocks/CheckedBlock.ts'
import * as Block from '../../../metrics/audit/Block.ts'
import * as Chain from '../../../metrics/audit/Chain.ts'
import * as Seal from '../../../metrics/ethereum/consensus/Seal.ts'
import * as Validators from '../../../metrics/ethereum/consensus/Validators.ts'
import * as Header from '../../../metrics/ethereum/Header.ts'
import * as Node from '../../../metrics/audit/Node.ts'
import { tool } from '../../helpers/tool.ts'
import * as RpcProxy from '../../helpers/rpcProxy.ts'
import { hold, RESULT } from './hold.ts'

const TIMEOUT_MS = 240_000
const BLOCKS = 8
const SUBJECT = {
  kind: 'ballot-box',
  contracts: { main: `0x${'11'.repeat(20)}`, questions: [] },
  consensus: 'clique',
} as const

/** Real seals of three signers. */
let folder: string
let supervisor: Supervisor.Supervisor
let network: Network
let liar: RpcProxy.RpcProxy | undefined

beforeAll(async () => {
  const binary = await tool('geth')
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-audit-clique-'))
  supervisor = Supervisor.create({ logFolder: join(folder, 'logs'), onUnexpectedExit: () => {} })
  const dataFolder = join(folder, 'data')
  network = await Clique.start({ supervisor, binary, dataFolder, seed: 'audit', validatorCount: 3 })
  liar = await RpcProxy.start(network.observerUrl)
  const node = Node.connect(network.observerUrl)
  // What a reorganisation may still replace is not looked at.
  while (Number((await CheckedBlock.readHeader(node, 'latest'))?.number ?? 0) < BLOCKS + 3)
    await sleep(200)
}, TIMEOUT_MS)

afterAll(async () => {
  // The network may not have started: then there is no proxy.
  await supervisor.stopAll()
  await liar?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function problems(): Promise<string[]> {
  const node = Node.connect(liar?.url ?? '')
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
    const node = Node.connect(liar?.url ?? '')
    const genesis = await CheckedBlock.readHeader(node, 0)
    expect(genesis && Seal.kindOf(genesis)).toBe('clique')
    expect(await problems()).toEqual([])
  })

  test('behavior: a forged block with a fitting hash is sealed by nobody', async () => {
    liar?.rewrite((call, result) => {
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
  test(
    'default: a real election, all but the last blocks',
    async () => {
      liar?.rewrite(undefined)
      const contract = await hold(network, folder)
      const rpcUrls = [network.observerUrl, ...network.rpcUrls]
      const node = Node.connect(network.observerUrl)
      const height = async () => Number((await CheckedBlock.readHeader(node, 'latest'))?.number)
      // The batch must be deeper than a reorganisation reaches.
      const needed = (await height()) + 4
      while ((await height()) < needed) await sleep(200)
      const result = await audit({ rpcUrls, contract })
      expect(result.findings).toEqual({ count: 0, listed: [] })
      expect(result.polls).toMatchObject(RESULT)
      expect(result.consensus).toBe('clique')
      expect(result.blocks.to).toBeLessThanOrEqual((await height()) - 2)
      expect(result.nodes).toHaveLength(3)
    },
    TIMEOUT_MS,
  )
})
