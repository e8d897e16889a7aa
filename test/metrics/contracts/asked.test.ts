import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { decoderOf } from '../../../metrics/contracts/decoderOf.ts'
import * as Questions from '../../../metrics/contracts/Questions.ts'
import * as QuestionState from '../../../metrics/contracts/QuestionState.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Voters from '../../contracts/Voters.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'
import { contractsOf } from './recorded.ts'

const box = Recording.load<Facts.Cast>('ballot-box')
const anchored = Recording.load<Facts.Anchored>('anchored')
const votes = Recording.load<Facts.ActiveCitizen2017>('active-citizen-2017')
const { contract: root, questions, blocks } = votes.facts

let node: RecordedNode.RecordedNode
let rpc: Rpc.Rpc
beforeAll(async () => {
  node = await RecordedNode.start(box)
  rpc = Rpc.connect(node.url)
})
beforeEach(() => {
  node.rewrite(undefined)
  node.fail(undefined)
  node.calls.clear()
})
afterAll(() => node.close())

function ask(pollIds: number[]) {
  const place = { contracts: contractsOf(box.facts.contract), block: box.blocks.length - 1 }
  return decoderOf('ballot-box').readTallies(rpc, pollIds, place)
}

function selectorOf(name: string): string {
  return ActiveCitizen2017.question.getFunction(name)?.selector ?? ''
}

describe('askTallies', () => {
  beforeEach(() => node.show(box))

  test('default: by option in a BallotBox, the number of ballots in a BallotAnchor', async () => {
    const told = await ask([1])
    const votesOf = told.get(1) ?? []
    expect(votesOf).toHaveLength(3)
    expect(votesOf.reduce((sum, one) => sum + one, 0)).toBe(12)
    node.show(anchored)
    const contracts = contractsOf(anchored.facts.contract)
    const place = { contracts, block: anchored.facts.blocks.stray }
    expect(await decoderOf('anchored').readTallies(rpc, [1], place)).toEqual(new Map([[1, [8]]]))
  })

  test('behavior: two hundred polls are asked for at a time', async () => {
    node.intercept(({ method }) => (method === 'eth_call' ? '0x' : undefined))
    const pollIds = Array.from({ length: 401 }, (_, index) => index + 1)
    const sizes: number[] = []
    const counting: Rpc.Rpc = { ...rpc, ask: (calls) => (sizes.push(calls.length), rpc.ask(calls)) }
    const told = await decoderOf('ballot-box').readTallies(counting, pollIds, {
      contracts: contractsOf(box.facts.contract),
      block: 1,
    })
    node.intercept(undefined)
    expect(sizes).toEqual([200, 200, 1])
    expect([...told.keys()]).toEqual(pollIds)
    expect(told.get(201)).toBeUndefined()
  })

  test.each(['0x', '0x1234', 'no hex', 7, null])('behavior: %j is no result', async (answer) => {
    node.rewrite(() => answer)
    expect(await ask([1])).toEqual(new Map([[1, undefined]]))
  })

  test('behavior: a list that holds the result is none', async () => {
    node.rewrite((_, result) => [result])
    expect(await ask([1])).toEqual(new Map([[1, undefined]]))
  })

  test('behavior: a node that does not execute tells no result, and that is no breach', async () => {
    node.fail('status')
    expect(await ask([1])).toEqual(new Map([[1, undefined]]))
    const broken: Rpc.Rpc = { ...rpc, ask: () => Promise.reject(new TypeError('a bug')) }
    const place = { contracts: contractsOf(box.facts.contract), block: 1 }
    await expect(decoderOf('ballot-box').readTallies(broken, [1], place)).rejects.toThrow('a bug')
  })
})

describe('Questions', () => {
  beforeEach(() => node.show(votes, blocks['outsider']))

  test('default: the questions behind a Root, in its order and that of each poll', async () => {
    const found = await Questions.find(rpc, root)
    expect(
      found.map(({ pollId, poll, address, version }) => [pollId, poll, address, version]),
    ).toEqual([
      [1, '1', questions[0]?.address, questions[0]?.version],
      [2, '2', questions[1]?.address, questions[1]?.version],
    ])
    expect(found.map(({ options }) => options)).toEqual([
      ['one', 'two', 'three'],
      ['yes', 'no'],
    ])
    for (const { name, address, pollAddress } of found) {
      expect(name).toContain(address)
      expect(pollAddress).toMatch(/^0x[0-9a-f]{40}$/)
    }
  })

  test.each([
    ['not a list', ['option 0', 'option 1', 'option 2']],
    ['{"a": 1}', ['option 0', 'option 1', 'option 2']],
    ['["only one"]', ['only one', 'option 1', 'option 2']],
    ['[1, 2, 3]', ['option 0', 'option 1', 'option 2']],
  ])('behavior: answers written as %s', async (answers, options) => {
    const wire = ActiveCitizen2017.question
    node.rewrite(({ params }, result) =>
      JSON.stringify(params).includes(selectorOf('AnswersByVersion'))
        ? wire.encodeFunctionResult('AnswersByVersion', [answers])
        : result,
    )
    const [first] = await Questions.find(rpc, root)
    expect(first?.options).toEqual(options)
  })

  test('error: something on the way that answers otherwise', async () => {
    node.rewrite(() => '0x')
    await expect(Questions.find(rpc, root)).rejects.toMatchObject({
      kind: 'malformed',
      message: expect.stringContaining('getAllPollIds'),
    })
  })

  test('default: the result of each, and how many voters', async () => {
    const found = await Questions.find(rpc, root)
    const place = { contracts: { main: root, questions: found }, block: blocks['outsider'] ?? 0 }
    expect(await Questions.readTallies(rpc, place)).toEqual(
      new Map([
        [1, [3, 4, 1, 6]],
        [2, [1, 1, 2]],
      ]),
    )
    expect(await decoderOf('active-citizen-2017').readTallies(rpc, [], place)).toEqual(
      await Questions.readTallies(rpc, place),
    )
  })

  test('behavior: a question that does not answer has no result, the others have theirs', async () => {
    const found = await Questions.find(rpc, root)
    node.rewrite(({ params }, result) =>
      JSON.stringify(params).includes(found[0]?.address ?? '-') ? '0x' : result,
    )
    const place = { contracts: { main: root, questions: found }, block: blocks['outsider'] ?? 0 }
    expect(await Questions.readTallies(rpc, place)).toEqual(
      new Map<number, number[] | undefined>([
        [1, undefined],
        [2, [1, 1, 2]],
      ]),
    )
  })
})

describe('QuestionState', () => {
  const userKey = ActiveCitizen2017.userKey(2, `0x${Voters.address(2).toString('hex')}`)
  const question = questions[0]?.address ?? ''

  function stateAt(name: string, userKeys = [userKey]): Promise<QuestionState.State> {
    const block = votes.blocks[blocks[name] ?? 0]
    if (block === undefined) throw new Error(`no block ${name}`)
    return QuestionState.read(rpc, block, { address: question, userKeys })
  }

  beforeEach(() => node.show(votes))

  test('default: what a vote has changed', async () => {
    expect(await stateAt('voter 2')).toEqual({
      voterCount: { before: 2, after: 3 },
      votes: [{ before: [], after: [2] }],
    })
  })

  test('behavior: before its creation a question answers nothing, which is no vote', async () => {
    let asked = 0
    node.rewrite((_, result) => {
      asked += 1
      return asked <= 2 ? '0x' : result
    })
    expect(await stateAt('voter 2')).toEqual({
      voterCount: { before: 0, after: 3 },
      votes: [{ before: [], after: [2] }],
    })
  })

  test('error: afterwards it must answer', async () => {
    let asked = 0
    node.rewrite((_, result) => {
      asked += 1
      return asked === 4 ? '0x' : result
    })
    await expect(stateAt('voter 2')).rejects.toMatchObject({
      kind: 'malformed',
      message: expect.stringContaining('VoteOfUser'),
    })
    node.rewrite((_, result) => (asked++ < 5 ? result : '0x'))
    await expect(stateAt('voter 2', [])).rejects.toMatchObject({
      message: expect.stringContaining('VoterCount'),
    })
  })

  test('behavior: two hundred calls at a time, whatever the number of keys', async () => {
    const sizes: number[] = []
    const block = { hash: `0x${'1'.repeat(64)}`, parentHash: `0x${'2'.repeat(64)}` }
    const keys = Array.from({ length: 100 }, () => userKey)
    const answer = ActiveCitizen2017.question.encodeFunctionResult('VoteOfUser', [[3n], '', ''])
    const count = ActiveCitizen2017.question.encodeFunctionResult('VoterCount', [4n])
    const counting: Rpc.Rpc = {
      ...rpc,
      ask: async (calls) => {
        sizes.push(calls.length)
        const selector = ActiveCitizen2017.question.getFunction('VoterCount')?.selector ?? ''
        return calls.map((call) => (JSON.stringify(call).includes(selector) ? count : answer))
      },
    }
    const state = await QuestionState.read(counting, block, { address: question, userKeys: keys })
    expect(sizes).toEqual([200, 2])
    expect(state.voterCount).toEqual({ before: 4, after: 4 })
    expect(state.votes).toEqual(keys.map(() => ({ before: [3], after: [3] })))
  })
})
