import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { compareTallies } from '../../../metrics/audit/compareTallies.ts'
import type { Ledger } from '../../../metrics/audit/walk.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'
import { emptyLedger } from './emptyLedger.ts'

const recording = Recording.load<Facts.Cast>('ballot-box')
const TIP = recording.blocks.length - 1
const { contract, poll } = recording.facts
const SUBJECT = { kind: 'ballot-box', contracts: { main: contract, questions: [] } } as const

let node: RecordedNode.RecordedNode
let ledger: Ledger
let told: number[]

beforeAll(async () => {
  node = await RecordedNode.start(recording)
})

beforeEach(async () => {
  ledger = await emptyAtTip()
  told = (await compareTallies(await emptyAtTip(), [connect()], SUBJECT)).get(1) ?? []
})

afterAll(() => node.close())

function connect(): Rpc.Rpc {
  return Rpc.connect(node.url)
}

async function emptyAtTip(): Promise<Ledger> {
  const empty = emptyLedger()
  empty.chain = { ...empty.chain, number: TIP }
  const { question, options } = poll
  await empty.polls.learn({ pollId: 1, question, options: [...options], binding: undefined }, 1)
  return empty
}

function count(recount: number[]): void {
  Object.assign(ledger.polls.get(1)?.counts ?? {}, { recount })
}

describe('compareTallies', () => {
  test('default: what the contract tells is what was counted', async () => {
    expect(told.reduce((sum, votes) => sum + votes, 0)).toBe(12)
    count(told)
    expect(await compareTallies(ledger, [connect()], SUBJECT)).toEqual(new Map([[1, told]]))
    expect(ledger.findings.listed()).toEqual([])
  })

  test('behavior: a result that differs in one vote is told with both, for each node that tells it', async () => {
    const recount = told.map((votes, option) => (option === 2 ? votes + 1 : votes))
    count(recount)
    await compareTallies(ledger, [connect(), connect()], SUBJECT)
    const name = new URL(node.url).host
    const finding = {
      kind: 'tallyMismatch',
      pollId: 1,
      message: `In poll 1 the contract tells ${told.join(', ')} by ${name}, the recount gives ${recount.join(', ')}.`,
      evidence: {
        node: name,
        block: TIP,
        blockHash: ledger.chain.hash,
        tally: told.join(','),
        recount: recount.join(','),
      },
    }
    expect(ledger.findings.listed()).toEqual([finding, finding])
  })

  test('behavior: a result with an option more is another one', async () => {
    count([...told, 0])
    await compareTallies(ledger, [connect()], SUBJECT)
    expect(ledger.findings.count()).toBe(1)
  })

  test('behavior: blocks that were not shown may hold the difference', async () => {
    count([0, 0, 0])
    ledger.chain.brokenCount = 1
    await compareTallies(ledger, [connect()], SUBJECT)
    expect(ledger.findings.count()).toBe(0)
  })

  test('behavior: a node that tells none is accused of none', async () => {
    count([0, 0, 0])
    const silent: Rpc.Rpc = {
      url: 'http://silent',
      name: 'silent',
      ask: () => Promise.reject(new Rpc.RpcError('timeout', 'http://silent', 'late')),
    }
    expect((await compareTallies(ledger, [silent], SUBJECT)).get(1)).toBeUndefined()
    expect(ledger.findings.count()).toBe(0)
    expect(await compareTallies(ledger, [], SUBJECT)).toEqual(new Map())
  })
})
