import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as CheckedBlock from '../../../metrics/blocks/CheckedBlock.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as BallotCounter from '../../../metrics/witness/BallotCounter.ts'
import type { Counted } from '../../../metrics/witness/Counted.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'

const ALIEN = Number.MAX_SAFE_INTEGER
const votes = Recording.load<Facts.ActiveCitizen2017>('active-citizen-2017')
const anchored = Recording.load<Facts.Anchored>('anchored')
const { questions, blocks } = votes.facts

/** Counts what the recorded blocks hold; every answer about the state is the real node's. */
let node: RecordedNode.RecordedNode
let rpc: Rpc.Rpc
beforeAll(async () => {
  node = await RecordedNode.start(votes)
  rpc = Rpc.connect(node.url)
})
afterAll(() => node.close())

type Alter = (mined: CheckedBlock.Mined[]) => CheckedBlock.Mined[]

async function count(
  counter: BallotCounter.BallotCounter,
  number: number,
  alter: Alter = (mined) => mined,
): Promise<Counted> {
  const [block] = await CheckedBlock.read(rpc, [number], counter.addresses)
  if (block === undefined || typeof block === 'string') throw new Error(`no block ${number}`)
  return counter.count(rpc, { ...block, mined: alter(block.mined) })
}

/** @param name - of what happens in the block. */
function countVotes(name: string, alter?: Alter): Promise<Counted> {
  node.show(votes)
  const counter = BallotCounter.create({ kind: 'active-citizen-2017', questions })
  return count(counter, blocks[name] ?? 0, alter)
}

function transactionIn(name: string): string {
  return votes.blocks[blocks[name] ?? 0]?.transactions[0]?.hash ?? ''
}

function reasons({ contradictions }: Counted): string[] {
  return contradictions.map(({ reason }) => reason)
}

/** The vote's calldata with other options, or of another version. */
function saying(change: { options?: number[]; version?: number }): Alter {
  const wire = ActiveCitizen2017.question
  return (mined) =>
    mined.map(({ transaction, receipt }) => {
      const [version, key, options, ...rest] = wire.decodeFunctionData('vote', transaction.input)
      const args = [change.version ?? version, key, change.options ?? options, ...rest]
      return {
        transaction: { ...transaction, input: wire.encodeFunctionData('vote', args) },
        receipt,
      }
    })
}

/** The lie of a node about the state, of every call or of one of them only. */
async function lying<Value>(
  method: string,
  values: unknown[],
  work: () => Promise<Value>,
  only?: number,
): Promise<Value> {
  const wire = ActiveCitizen2017.question
  const selector = wire.getFunction(method)?.selector ?? ''
  let asked = 0
  node.rewrite((call, result) => {
    if (!JSON.stringify(call.params[0]).includes(selector)) return result
    asked += 1
    return only === undefined || only === asked ? wire.encodeFunctionResult(method, values) : result
  })
  try {
    return await work()
  } finally {
    node.rewrite(undefined)
  }
}

describe('countByState', () => {
  test('default: a vote that the state holds after the block and not before', async () => {
    expect(await countVotes('voter 2')).toEqual({
      transactions: [transactionIn('voter 2')],
      casts: [[1, 2, 2, 0]],
      skips: [],
      contradictions: [],
    })
    expect((await countVotes('second poll')).casts).toEqual([[2, 0, 1, 0]])
  })

  test('behavior: a second vote is skipped, with the contract’s reason', async () => {
    expect(await countVotes('again')).toEqual({
      transactions: [transactionIn('again')],
      casts: [],
      skips: [[1, 1, 0, 1]],
      contradictions: [],
    })
  })

  test('behavior: a key that names no voter is somebody else’s vote', async () => {
    expect((await countVotes('alien')).casts).toEqual([[2, ALIEN, 0, 0]])
  })

  test('behavior: an option that is named thrice counts thrice, and is doubted', async () => {
    const counted = await countVotes('thrice')
    expect(counted.casts).toEqual([
      [1, 5, 1, 0],
      [1, 5, 1, 0],
      [1, 5, 1, 0],
    ])
    expect(counted.contradictions).toMatchObject([{ pollId: 1, voterIndex: 5 }])
    expect(reasons(counted)[0]).toContain('option 1 and 1 and 1')
  })

  test('behavior: a block without votes asks nothing and counts nothing', async () => {
    node.calls.clear()
    const { transactions, casts } = await countVotes('moved')
    expect([transactions, casts]).toEqual([[], []])
    expect(node.calls.get('eth_call')).toBeUndefined()
  })

  test('behavior: a node that shows another choice than the state holds', async () => {
    const counted = await countVotes('voter 1', saying({ options: [2] }))
    expect(counted.casts).toEqual([[1, 1, 1, 0]])
    expect(reasons(counted)).toEqual(['the state says option 1, the calldata option 2'])
    const empty = await countVotes('voter 1', saying({ options: [] }))
    expect(reasons(empty)).toEqual(['the state says option 1, the calldata no option'])
  })

  test('behavior: a vote in another version than the poll’s is not in its result', async () => {
    const counted = await countVotes('voter 1', saying({ version: 5 }))
    expect(counted.casts).toEqual([])
    expect(reasons(counted)).toEqual(['counted in version 5, the poll is version 1'])
  })

  test('behavior: a vote that a node hides shows in the number of voters', async () => {
    const counted = await lying('VoterCount', [9n], () => countVotes('voter 1'), 2)
    expect(reasons(counted)).toEqual([
      expect.stringMatching(/poll 1 has 8 more voters .* 1 accepted/),
    ])
    expect(counted.contradictions[0]?.transaction).toBe(transactionIn('voter 1'))
  })

  test('behavior: a state that never held the vote counts none, whatever the receipt says', async () => {
    const counted = await lying('VoteOfUser', [[], '', ''], () => countVotes('voter 1'))
    expect(counted.casts).toEqual([])
    expect(reasons(counted)).toEqual([
      expect.stringMatching(/poll 1 has 1 more voters .* 0 accepted/),
    ])
  })

  test('behavior: a vote that changes after it was counted', async () => {
    const counted = await lying('VoteOfUser', [[2n], '', ''], () => countVotes('again'), 2)
    expect(counted.casts).toEqual([])
    expect(reasons(counted)).toEqual([
      'the state said option 1 before the block, and says option 2 after it',
    ])
    const longer = await lying('VoteOfUser', [[1n, 1n], '', ''], () => countVotes('again'), 2)
    expect(reasons(longer)[0]).toContain('option 1 and 1 after it')
  })

  test('behavior: what the events refused and the state holds all the same', async () => {
    const told = [[[], '', ''] as const, [[2n], '', ''] as const]
    const wire = ActiveCitizen2017.question
    const selector = wire.getFunction('VoteOfUser')?.selector ?? ''
    node.rewrite((call, result) => {
      if (!JSON.stringify(call.params[0]).includes(selector)) return result
      return wire.encodeFunctionResult('VoteOfUser', told.shift() ?? [])
    })
    const counted = await countVotes('again')
    node.rewrite(undefined)
    expect(counted.casts).toEqual([[1, 1, 2, 0]])
    expect(counted.skips).toEqual([])
    expect(reasons(counted)[0]).toBe('the events say refused, the state holds the vote')
  })

  test('error: an answer that cannot be read is no empty count', async () => {
    node.rewrite(({ method }, result) => (method === 'eth_call' ? '0x' : result))
    await expect(countVotes('voter 1')).rejects.toMatchObject({ kind: 'malformed' })
    node.rewrite(undefined)
  })
})

describe('create', () => {
  const counter = BallotCounter.create({ kind: 'anchored', address: anchored.facts.contract })

  test('default: ballots of a batch that was anchored', async () => {
    node.show(anchored)
    const { honest } = anchored.facts.blocks
    const { casts, transactions, contradictions } = await count(counter, honest)
    expect(counter.addresses).toEqual([anchored.facts.contract])
    expect(casts).toEqual([0, 1, 2, 3, 4].map((voter) => [1, voter, voter % 2, 0]))
    expect(transactions).toEqual(anchored.blocks[honest]?.transactions.map(({ hash }) => hash))
    expect(contradictions).toEqual([])
  })

  test('behavior: a root that is not the ballots’ own, and an event without its transaction', async () => {
    node.show(anchored)
    const { honest, wrongRoot } = anchored.facts.blocks
    expect((await count(counter, wrongRoot)).contradictions).toHaveLength(1)
    const elsewhere = await count(counter, honest, (mined) =>
      mined.map(({ transaction, receipt }) => ({
        transaction: { ...transaction, to: `0x${'12'.repeat(20)}` },
        receipt,
      })),
    )
    expect(elsewhere.casts).toEqual([])
    expect(elsewhere.contradictions).toHaveLength(1)
  })

  test('behavior: a transaction that was reverted counts nothing', async () => {
    node.show(anchored)
    const { casts } = await count(counter, anchored.facts.blocks.honest, (mined) =>
      mined.map(({ transaction, receipt }) => ({
        transaction,
        receipt: { ...receipt, status: '0x0' },
      })),
    )
    expect(casts).toEqual([])
  })

  test('behavior: what was skipped stands beside what was cast, with its reason', async () => {
    const recording = Recording.load<Facts.Careless>('careless')
    node.show(recording)
    const box = BallotCounter.create({ kind: 'ballot-box', address: recording.facts.contract })
    const hash = recording.facts.transactions['skipped'] ?? ''
    const number = recording.blocks.findIndex(({ transactions }) =>
      transactions.some((one) => one.hash === hash),
    )
    expect(await count(box, number)).toEqual({
      transactions: [hash],
      casts: [],
      skips: [[1, 7, 0, 5]],
      contradictions: [],
    })
  })
})
