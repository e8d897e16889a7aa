import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { begin } from '../../../metrics/audit/begin.ts'
import { openLedger } from '../../../metrics/audit/openLedger.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'

const chain = Recording.load<Facts.Cast>('ballot-box')
const votes = Recording.load<Facts.ActiveCitizen2017>('active-citizen-2017')
const TIP = chain.blocks.length - 1
const { contract } = chain.facts

let node: RecordedNode.RecordedNode
let rpc: Rpc.Rpc

beforeAll(async () => {
  node = await RecordedNode.start(chain)
  rpc = Rpc.connect(node.url)
})

afterEach(() => {
  node.show(chain)
  node.rewrite(undefined)
})

afterAll(() => node.close())

/** Hides a block. */
function hide(number: number): void {
  node.rewrite(({ method, params }, result) =>
    method === 'eth_getBlockByNumber' && Number(params[0]) === number ? null : result,
  )
}

function alterGenesis(): void {
  node.rewrite(({ method, params }, result) =>
    method === 'eth_getBlockByNumber' && Number(params[0]) === 0
      ? { ...Object(result), extraData: '0x66' }
      : result,
  )
}

describe('begin', () => {
  test('default: from the genesis block to the tip', async () => {
    const start = await begin(rpc, { contract })
    expect(start).toMatchObject({
      subject: {
        kind: 'ballot-box',
        contracts: { main: contract, questions: [] },
        consensus: 'none',
      },
      domain: { chainId: 8995, verifyingContract: contract },
      base: { number: 0, hash: chain.blocks[0]?.hash, faults: [] },
      genesisHash: chain.blocks[0]?.hash,
      validators: { kind: 'none', members: [] },
      questions: [],
      depth: 0,
      toBlock: TIP,
    })
  })

  test('behavior: from a later block, which stands on the one before', async () => {
    const { base, genesisHash } = await begin(rpc, { contract, fromBlock: 5 })
    expect(base).toMatchObject({ number: 4, hash: chain.blocks[4]?.hash })
    expect(genesisHash).toBe(chain.blocks[0]?.hash)
  })

  test('behavior: the questions of 2017', async () => {
    node.show(votes)
    const { subject, questions } = await begin(rpc, { contract: votes.facts.contract })
    expect(subject.kind).toBe('active-citizen-2017')
    expect(questions.map(({ pollId }) => pollId)).toEqual([1, 2])
    expect(subject.contracts.questions).toEqual(questions)
  })

  test('error: no genesis block, and no block to stand on', async () => {
    hide(0)
    await expect(begin(rpc, { contract })).rejects.toMatchObject({
      code: 'AUDIT_UNANSWERED',
      exitCode: 122,
      message: `${rpc.name} has no genesis block.`,
    })
    hide(4)
    await expect(begin(rpc, { contract, fromBlock: 5 })).rejects.toMatchObject({
      code: 'AUDIT_UNANSWERED',
      message: `${rpc.name} does not have block 4.`,
    })
  })

  test.each(['0x', null])('error: no code, %j', async (code) => {
    node.rewrite(({ method }, result) => (method === 'eth_getCode' ? code : result))
    await expect(begin(rpc, { contract })).rejects.toMatchObject({
      name: 'detect.NotAContractError',
      code: 'AUDIT_NO_CONTRACT',
      exitCode: 104,
      message: `${contract} is no voting contract: ${rpc.name} has no code there.`,
    })
  })

  test('error: the code of something else', async () => {
    node.rewrite(({ method }, result) => (method === 'eth_getCode' ? '0x6001' : result))
    await expect(begin(rpc, { contract })).rejects.toMatchObject({
      code: 'AUDIT_NO_CONTRACT',
      message: expect.stringContaining('no design that is known'),
    })
  })
})

describe('openLedger', () => {
  test('default: nothing counted, standing on the genesis block', async () => {
    const start = await begin(rpc, { contract })
    const { ledger, writer } = await openLedger(start, [rpc], { genesisHash: start.genesisHash })
    expect(writer).toBeUndefined()
    expect(ledger.chain).toEqual({
      number: 0,
      hash: chain.blocks[0]?.hash,
      timestamp: Number(chain.blocks[0]?.timestamp),
      validators: start.validators,
      brokenCount: 0,
    })
    expect(ledger.checks).toEqual({ signatures: 0, samples: 0, transactions: 0, blocks: 0 })
    expect(ledger.findings.listed()).toEqual([])
    expect(ledger.polls.all()).toEqual([])
  })

  test('behavior: the questions of 2017 are its polls', async () => {
    node.show(votes)
    const start = await begin(rpc, { contract: votes.facts.contract })
    const { ledger } = await openLedger(start, [rpc], {})
    const [first] = start.questions
    expect(ledger.polls.get(1)?.poll).toEqual({
      pollId: 1,
      question: `${first?.name} of poll ${first?.poll}`,
      options: first?.options,
      binding: undefined,
    })
  })

  test('behavior: another genesis block than the published one', async () => {
    const start = await begin(rpc, { contract })
    const genesisHash = `0x${'9e'.repeat(32)}`
    const { ledger } = await openLedger(start, [rpc], { genesisHash })
    expect(ledger.findings.listed()).toEqual([
      {
        kind: 'brokenBlock',
        message: `The genesis block hashes to ${start.genesisHash}, not to ${genesisHash}: this is another chain.`,
        evidence: { block: 0, blockHash: start.genesisHash },
      },
    ])
  })

  test('behavior: a block to stand on that does not hold', async () => {
    alterGenesis()
    const start = await begin(rpc, { contract })
    const { ledger } = await openLedger(start, [rpc], {})
    const [finding, ...others] = ledger.findings.listed()
    expect(others).toEqual([])
    expect(finding).toMatchObject({ kind: 'brokenBlock', evidence: { block: 0 } })
    expect(finding?.message).toMatch(
      /^Block 0, on which all others stand, does not hold: .*0x[0-9a-f]{64}.*\.$/,
    )
  })
})
