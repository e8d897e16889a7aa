import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { audit, type Options, type Progress } from '../../../metrics/audit/audit.ts'
import * as Block from '../../../metrics/audit/Block.ts'
import * as Entries from '../../../metrics/audit/Entries.ts'
import { signaturesOf } from '../../../metrics/audit/signedTwice.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'
import * as RecordedCity from '../RecordedCity.ts'

const votes = Recording.load<Facts.ActiveCitizen2017>('active-citizen-2017')

let city: RecordedCity.RecordedCity
let node: RecordedNode.RecordedNode
let tip: number

beforeAll(async () => {
  city = await RecordedCity.open('ballot-box')
  node = await RecordedNode.start(city.recording)
  tip = city.recording.blocks.length - 1
})
afterEach(() => {
  node.show(city.recording)
  node.rewrite(undefined)
})
afterAll(async () => {
  await node.close()
  await city.dispose()
})

function look(options: Partial<Options> = {}) {
  return audit({ rpcUrls: [node.url], contract: city.ballotBox, ...options })
}

/** The node has blocks up to here, and keeps the contract's result to itself. */
function endAt(height: number): void {
  node.rewrite(({ method }, result) => {
    if (method === 'eth_blockNumber') return `0x${height.toString(16)}`
    return method === 'eth_call' ? '0x' : result
  })
}

function subject(): Block.Subject {
  const contracts = { main: city.ballotBox, questions: [] }
  return { kind: 'ballot-box', contracts, consensus: 'none' }
}

/** A voter to whom another choice was promised than the one that counts. */
function twice(change: object = {}) {
  const { pollId, voterIndex, choice } = city.intent(0)
  const [block = 0] = city.facts.ballotBlocks
  const promise = { file: 'kept.json', ballotHash: '0xb', promisedChoice: 9 }
  return { ...promise, pollId, voterIndex, countedChoice: choice, block, ...change }
}

describe('audit', () => {
  test('default: everything that it says', async () => {
    const result = await look()
    const cast = Array.from({ length: 12 }, (_, ballot) => city.intent(ballot).choice)
    const recount = [0, 1, 2].map((option) => cast.filter((choice) => choice === option).length)
    expect(result).toEqual({
      design: 'ballot-box',
      contract: city.ballotBox,
      chainId: 8995,
      genesisHash: city.recording.blocks[0]?.hash,
      consensus: 'none',
      validators: [],
      blocks: {
        from: 1,
        to: tip,
        toHash: city.recording.blocks[tip]?.hash,
        toTimestamp: Number(city.recording.blocks[tip]?.timestamp),
        brokenCount: 0,
      },
      checks: { signatures: 12, samples: 2, transactions: 2, blocks: tip },
      polls: [
        {
          pollId: 1,
          question: 'Which?',
          options: ['one', 'two', 'three'],
          sealsAt: city.poll.sealsAt,
          isSealed: true,
          recount,
          tally: recount,
          skippedCount: 0,
        },
      ],
      receipts: undefined,
      signedTwice: [],
      nodes: [],
      findings: { count: 0, listed: [] },
      notChecked: [
        expect.stringMatching(/^Who is behind an address/),
        expect.stringMatching(/^Seals/),
        expect.stringMatching(/^That this is the right chain/),
        expect.stringMatching(/^Whether other nodes/),
        expect.stringMatching(/^Receipts: none were given/),
      ],
    })
  })

  test.each([0, 2, undefined])('options: threads %s', async (threads) => {
    const { checks, polls } = await look({ threads })
    expect(checks).toMatchObject({ signatures: 12, blocks: tip })
    expect(polls[0]?.recount).toEqual(polls[0]?.tally)
  })

  test('options: onProgress', async () => {
    const told: Progress[] = []
    await look({ onProgress: (progress) => told.push(progress) })
    expect(told.at(-1)).toEqual({ block: tip, toBlock: tip, signatures: 12, ballots: 12 })
    expect(told[0]).toMatchObject({ block: 8, toBlock: tip })
  })

  test('options: fromBlock', async () => {
    const [first = 0, second = 0] = city.facts.ballotBlocks
    const late = await look({ fromBlock: second })
    expect(late.blocks.from).toBe(second)
    // Of what came before nothing is seen: the poll is unknown, and so are its ballots.
    expect(late.polls).toEqual([])
    expect(late.checks.blocks).toBe(tip - second + 1)
    expect(first).toBeLessThan(second)
  })

  test('boundary: a poll is sealed by a block after its sealing second', async () => {
    const { sealsAt } = city.poll
    const before = city.recording.blocks.findLastIndex(
      ({ timestamp }) => Number(timestamp) <= sealsAt,
    )
    endAt(before)
    expect((await look()).polls[0]).toMatchObject({ isSealed: false, tally: null })
    endAt(before + 1)
    const sealed = await look()
    expect(sealed.polls[0]?.isSealed).toBe(true)
    expect(sealed.notChecked.join()).toContain('The published result of 1 poll(s)')
  })

  test('error: interrupted, with and without a file to go on with', async () => {
    const stop = new AbortController()
    stop.abort()
    const { signal } = stop
    await expect(look({ signal })).rejects.toMatchObject({
      name: 'audit.InterruptedError',
      code: 'AUDIT_INTERRUPTED',
      exitCode: 105,
      message: 'Interrupted.',
    })
    const resumeFile = join(city.folder, 'resume.jsonl')
    await expect(look({ signal, resumeFile })).rejects.toMatchObject({
      message: `Interrupted. What was read is kept in ${resumeFile}.`,
    })
  })

  test('error: no node', async () => {
    await expect(look({ rpcUrls: [] })).rejects.toThrow('There is no node to ask.')
  })

  test('behavior: receipts of another design prove nothing signed', async () => {
    const receiptsFolder = join(city.folder, 'receipts')
    mkdirSync(receiptsFolder)
    writeFileSync(join(receiptsFolder, 'a.json'), city.answer(0).body)
    writeFileSync(join(receiptsFolder, 'b.json'), 'torn')
    const { receipts } = await look({ receiptsFolder })
    expect(receipts).toMatchObject({ count: 1, kept: 1, problems: [expect.any(String)] })
  })
})

describe('audit of the contracts of 2017', () => {
  test('behavior: the polls that the node names must be those at which the Root was pointed', async () => {
    node.show(votes, votes.facts.blocks['second poll'])
    const { contract } = votes.facts
    const honest = await look({ contract })
    expect(honest.findings.count).toBe(0)
    // From a later block on nobody knows where it was pointed before.
    const late = await look({ contract, fromBlock: votes.facts.blocks['voter 0'] })
    expect(late.findings.listed.filter(({ kind }) => kind === 'redirected')).toEqual([])
  })

  test('behavior: a poll that was moved is told with both addresses', async () => {
    node.show(votes)
    const { findings } = await look({ contract: votes.facts.contract })
    const moved = findings.listed.filter(({ kind }) => kind === 'redirected')
    expect(moved).toHaveLength(1)
    const { from, to, block } = moved[0]?.evidence ?? {}
    expect(moved[0]?.message).toMatch(
      new RegExp(`^Poll \\d+ of the Root was pointed from ${from} to ${to} in block ${block}\\.$`),
    )
    expect(block).toBe(votes.facts.blocks['moved'])
  })

  test('behavior: where the node names another poll than the blocks do, it is told', async () => {
    const at = votes.facts.blocks['second poll']
    node.show(votes, at)
    const [first, second] = (await questions()).map(({ pollAddress }) => pollAddress)
    // The node answers of the first poll what the Root says of the second one.
    node.rewrite(({ method }, result) =>
      method === 'eth_call' && String(result).endsWith(String(first).slice(2))
        ? String(result).replace(String(first).slice(2), String(second).slice(2))
        : result,
    )
    const { findings } = await look({ contract: votes.facts.contract })
    const told = findings.listed.filter(({ kind }) => kind === 'redirected')
    expect(told[0]).toMatchObject({
      message: expect.stringMatching(
        new RegExp(`stands at ${second}, the transactions point it at ${first}\\.$`),
      ),
      evidence: { pollAddress: second, pushed: first },
    })
  })
})

async function questions() {
  const { begin } = await import('../../../metrics/audit/begin.ts')
  return (await begin(Rpc.connect(node.url), { contract: votes.facts.contract })).questions
}

describe('read', () => {
  test('default: a block with its ballots', async () => {
    const [batch = 0] = city.facts.ballotBlocks
    const [facts] = await Block.read(Rpc.connect(node.url), [batch], subject())
    const shown = city.recording.blocks[batch]
    expect(facts).toMatchObject({
      number: batch,
      hash: shown?.hash,
      parentHash: shown?.parentHash,
      timestamp: Number(shown?.timestamp),
      seal: { kind: 'none' },
      faults: [],
      transactions: [city.facts.transactions[0]],
    })
    expect(Entries.count(facts?.entries ?? new Uint8Array())).toBe(8)
  })

  test('behavior: what the node does not have, or shows in another form', async () => {
    const blank = {
      hash: '',
      parentHash: '',
      timestamp: 0,
      seal: { kind: 'none' },
      polls: [],
      roots: [],
      pushes: [],
      transactions: [],
      entries: Buffer.alloc(0),
      contradictions: [],
    }
    const [absent] = await Block.read(Rpc.connect(node.url), [tip + 1], subject())
    expect(absent).toEqual({ ...blank, number: tip + 1, faults: ['the node does not have it'] })
    node.rewrite(({ method }, result) => (method === 'eth_getBlockByNumber' ? 7 : result))
    const [malformed] = await Block.read(Rpc.connect(node.url), [3], subject())
    expect(malformed).toEqual({
      ...blank,
      number: 3,
      faults: ['the answer has not the form of one'],
    })
  })
})

describe('signaturesOf', () => {
  test('default: the signature that counts, read again', async () => {
    const nodes = [Rpc.connect('http://127.0.0.1:9'), Rpc.connect(node.url)]
    const found = await signaturesOf([twice()], nodes, subject())
    expect(found).toEqual([{ ...twice(), countedBy: city.request(0).signature }])
    for (const change of [
      { countedChoice: 9 },
      { voterIndex: 4_000 },
      { pollId: 2 },
      { block: twice().block - 1 },
    ]) {
      const [one] = await signaturesOf([twice(change)], nodes, subject())
      expect(one?.countedBy).toBe('no node shows it again')
    }
    expect(await signaturesOf([], nodes, subject())).toEqual([])
  })

  test('behavior: of a transaction of the voter’s own it is the sender', async () => {
    const direct = await RecordedCity.open('direct')
    const contracts = { main: direct.ballotBox, questions: [] }
    const box = { kind: 'ballot-box', contracts, consensus: 'none' } as const
    const { pollId, voterIndex, choice } = direct.intent(0)
    const [block = 0] = direct.facts.ballotBlocks
    const promise = { file: 'kept.json', ballotHash: '0xb', promisedChoice: 9 }
    const one = { ...promise, pollId, voterIndex, countedChoice: choice, block }
    const [found] = await signaturesOf([one], [Rpc.connect(direct.node.url)], box)
    expect(found?.countedBy).toMatch(/^0x[0-9a-f]{40}$/)
    await direct.dispose()
  })
})
