import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { deployActiveCitizen2017 } from '../../../chain/contracts/deployActiveCitizen2017.ts'
import type { Counted } from '../../../metrics/witness/Counted.ts'
import * as BallotCounter from '../../../metrics/witness/BallotCounter.ts'
import * as Metrics from '../../../metrics/witness/Metrics.ts'
import type { Observation } from '../../../metrics/witness/Observation.ts'
import * as Observer from '../../../metrics/witness/Observer.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import { artifact } from '../../../scripts/contracts.ts'
import type * as RpcProxy from '../../helpers/rpcProxy.ts'
import * as Anvil from '../anvil.ts'
import * as Chain from './Chain.ts'

const ALIEN = Number.MAX_SAFE_INTEGER

let chain: Chain.Chain
let questions: ActiveCitizen2017.Question[]
let counter: BallotCounter.BallotCounter
let voters = 0

beforeAll(async () => {
  chain = await Chain.start()
  const [root, poll] = [await artifact('Root'), await artifact('Poll')]
  const options = ['one', 'two', 'three']
  const deployment = await deployActiveCitizen2017(chain.deployer, {
    bytecode: { root: root.bytecode, poll: poll.bytecode },
    polls: [1, 2].map((pollId) => ({ pollId, question: 'Which?', options })),
  })
  questions = deployment.questions
  counter = BallotCounter.create({ kind: 'active-citizen-2017', questions })
  await chain.anvil.request('evm_setAutomine', false)
})
afterAll(() => chain?.dispose())
afterEach(() => {
  chain.proxy.rewrite(undefined)
  chain.alter()
})

/** Nobody who voted in an earlier test. */
function newVoter(): number {
  voters += 1
  return voters
}

type Vote = { pollId?: number; options?: number[]; version?: number; key?: string; from?: string }

function vote(voterIndex: number, said: Vote = {}): Promise<string> {
  const { pollId = 1, options = [0], version = 1, from } = said
  const key = said.key ?? ActiveCitizen2017.userKey(voterIndex, `0x${'a1'.repeat(20)}`)
  const values = [version, key, options, '', '']
  const data = ActiveCitizen2017.question.encodeFunctionData('vote', values)
  return chain.send(addressOf(pollId), data, from)
}

function addressOf(pollId: number): string {
  return questions.find((question) => question.pollId === pollId)?.address ?? ''
}

function reasons({ contradictions }: Counted): string[] {
  return contradictions.map(({ reason }) => reason)
}

/** The lie of a node that says something else in the state after each block. */
function alterState(method: string, values: unknown[]): RpcProxy.Rewrite {
  const wire = ActiveCitizen2017.question
  const selector = wire.getFunction(method)?.selector ?? ''
  return ({ method: asked, params }, result) =>
    asked === 'eth_call' && JSON.stringify(params[0]).includes(selector)
      ? wire.encodeFunctionResult(method, values)
      : result
}

describe('readNext', () => {
  test('behavior: a vote whose block is reorganised away is counted where it stands', async () => {
    const lines: Observation[] = []
    const observer = Observer.create({
      nodes: [Rpc.connect(chain.anvil.url)],
      counter,
      finality: { kind: 'depth', depth: 3 },
      fromBlock: (await chain.anvil.height()) + 1,
      record: (line) => lines.push(line),
      metrics: Metrics.create(),
      now: () => lines.length * 2000,
    })
    const a = newVoter()
    await vote(a, { options: [1] })
    await chain.anvil.request('evm_mine')
    await observer.readNext()
    await chain.anvil.request('anvil_reorg', 1, [])
    await vote(a, { options: [2] })
    await chain.anvil.request('evm_mine')
    while (await observer.readNext());
    await observer.readNext()
    while (await observer.readNext());
    const events = lines.filter(({ kind }) => kind !== 'look')
    const kinds = events.map((line) =>
      line.kind === 'block' ? line.casts.map((cast) => cast.slice(0, 3)) : line.kind,
    )
    expect(kinds).toEqual([[[1, a, 1]], 'reorganisation', [], [[1, a, 2]]])
  })
})

describe('count', () => {
  test('default: votes on several questions in one block', async () => {
    const [a, b] = [newVoter(), newVoter()]
    const transactions = [
      await vote(a, { options: [2] }),
      await vote(b, { options: [1], pollId: 2 }),
      await vote(b, { options: [0] }),
    ]
    const counted = await chain.mineAndCount(counter)
    expect(counted.transactions.toSorted()).toEqual(transactions.toSorted())
    expect(counted.casts.map((cast) => cast.slice(0, 3))).toEqual([
      [1, a, 2],
      [1, b, 0],
      [2, b, 1],
    ])
    for (const [pollId, voter, , at] of counted.casts) {
      const expected = pollId === 2 ? 1 : voter === a ? 0 : 2
      expect(counted.transactions[at]).toBe(transactions[expected])
    }
    expect(counted).toMatchObject({ skips: [], contradictions: [] })
  })

  test('behavior: status 1 is no acceptance: second votes, unknown versions, strangers', async () => {
    const [a, b, c] = [newVoter(), newVoter(), newVoter()]
    const stranger = Anvil.ACCOUNT
    const refused = await vote(b, { version: 9 })
    const denied = await vote(c, { from: stranger })
    const accepted = await vote(a, { options: [1] })
    const again = await vote(a, { options: [2] })
    const counted = await chain.mineAndCount(counter)
    for (const hash of [refused, denied, accepted, again]) {
      const receipt = await chain.anvil.request('eth_getTransactionReceipt', hash)
      expect(receipt).toMatchObject({ status: '0x1' })
    }
    const at = (hash: string): number => counted.transactions.indexOf(hash)
    expect(counted.casts).toEqual([[1, a, 1, at(accepted)]])
    const refusals = [
      [1, a, at(again), 1],
      [1, b, at(refused), 2],
    ]
    expect(new Set(counted.skips)).toEqual(new Set(refusals))
    expect(counted.transactions).not.toContain(denied)
    expect(counted.contradictions).toEqual([])

    const later = await vote(a, { options: [2] })
    expect(await chain.mineAndCount(counter)).toEqual({
      transactions: [later],
      casts: [],
      skips: [[1, a, 0, 1]],
      contradictions: [],
    })
  })

  test('behavior: a key of another form is somebody else’s vote', async () => {
    const transaction = await vote(0, { key: 'ivan@example.org', options: [1] })
    expect(await chain.mineAndCount(counter)).toEqual({
      transactions: [transaction],
      casts: [[1, ALIEN, 1, 0]],
      skips: [],
      contradictions: [],
    })
  })

  test('behavior: an option that is named twice counts twice, and is doubted', async () => {
    const a = newVoter()
    await vote(a, { options: [1, 1] })
    const counted = await chain.mineAndCount(counter)
    expect(counted.casts).toEqual([
      [1, a, 1, 0],
      [1, a, 1, 0],
    ])
    expect(reasons(counted)).toEqual(['more than one option counts: option 1 and 1'])
  })

  test('behavior: a vote in a later version is not in the poll’s result', async () => {
    const wire = ActiveCitizen2017.question
    await chain.send(addressOf(2), wire.encodeFunctionData('addVersion', [5, 'n', 'a', [1, 2]]))
    expect(await chain.mineAndCount(counter)).toMatchObject({
      transactions: [],
      contradictions: [],
    })
    await vote(newVoter(), { pollId: 2, version: 5 })
    const counted = await chain.mineAndCount(counter)
    expect(counted.casts).toEqual([])
    expect(reasons(counted)).toEqual(['counted in version 5, the poll is version 1'])
  })

  test('behavior: a node that shows another choice than the state holds', async () => {
    const a = newVoter()
    await vote(a, { options: [1] })
    chain.alter((mined) =>
      mined.map(({ transaction, receipt }) => ({
        transaction: { ...transaction, input: withOptions(transaction.input, [2]) },
        receipt,
      })),
    )
    const counted = await chain.mineAndCount(counter)
    expect(counted.casts).toEqual([[1, a, 1, 0]])
    expect(reasons(counted)).toEqual(['the state says option 1, the calldata option 2'])
    expect(counted.contradictions).toMatchObject([{ pollId: 1, voterIndex: a }])
  })

  test('behavior: a vote that a node hides shows in the number of voters', async () => {
    await vote(newVoter())
    await vote(newVoter())
    chain.alter((mined) => mined.slice(1))
    const counted = await chain.mineAndCount(counter)
    expect(counted.casts).toHaveLength(1)
    expect(reasons(counted)).toEqual([
      'poll 1 has 2 more voters after the block, and the block holds 1 accepted votes',
    ])
  })

  test('behavior: a state that never held the vote counts none, whatever the receipt says', async () => {
    await vote(newVoter())
    chain.proxy.rewrite(alterState('VoteOfUser', [[], '', '']))
    const counted = await chain.mineAndCount(counter)
    expect(counted.casts).toEqual([])
    expect(reasons(counted)).toEqual([
      'poll 1 has 1 more voters after the block, and the block holds 0 accepted votes',
    ])
  })

  test('behavior: a vote that changes after it was counted', async () => {
    const a = newVoter()
    await vote(a, { options: [1] })
    await chain.mineAndCount(counter)
    await vote(a, { options: [2] })
    let asked = 0
    const wire = ActiveCitizen2017.question
    const selector = wire.getFunction('VoteOfUser')?.selector ?? ''
    chain.proxy.rewrite(({ method, params }, result) => {
      if (method !== 'eth_call' || !JSON.stringify(params[0]).includes(selector)) return result
      asked += 1
      return asked === 1 ? result : wire.encodeFunctionResult('VoteOfUser', [[2], '', ''])
    })
    const counted = await chain.mineAndCount(counter)
    expect(counted.casts).toEqual([])
    expect(reasons(counted)).toEqual([
      'the state said option 1 before the block, and says option 2 after it',
    ])
  })

  test('behavior: many votes in a block are asked in bounded requests', async () => {
    const before = chain.proxy.calls.get('eth_call') ?? 0
    const some = Array.from({ length: 240 }, newVoter)
    for (const voter of some) await vote(voter, { options: [voter % 3] })
    const counted = await chain.mineAndCount(counter)
    expect(counted.casts.map(([, voter, choice]) => [voter, choice])).toEqual(
      some.map((voter) => [voter, voter % 3]),
    )
    expect(counted.contradictions).toEqual([])
    expect((chain.proxy.calls.get('eth_call') ?? 0) - before).toBe(2 * (240 + 1))
  })

  test('error: no answer that can be read is an error, not an empty count', async () => {
    await vote(newVoter())
    chain.proxy.rewrite(({ method }, result) => (method === 'eth_call' ? '0x' : result))
    await expect(chain.mineAndCount(counter)).rejects.toMatchObject({ kind: 'malformed' })
  })
})

function withOptions(input: string, options: number[]): string {
  const wire = ActiveCitizen2017.question
  const [version, key, , ...custom] = wire.decodeFunctionData('vote', input)
  return wire.encodeFunctionData('vote', [version, key, options, ...custom])
}
