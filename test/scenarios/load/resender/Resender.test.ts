import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Address from '../../../../scenarios/ballots/Address.ts'
import * as LegacyTransaction from '../../../../scenarios/ballots/LegacyTransaction.ts'
import * as Spool from '../../../../scenarios/ballots/Spool.ts'
import * as HistoryLine from '../../../../scenarios/load/HistoryLine.ts'
import * as Resender from '../../../../scenarios/load/resender/Resender.ts'
import * as Electorate from '../../../../scenarios/population/Electorate.ts'
import * as LineTail from '../../../../scenarios/runtime/LineTail.ts'
import * as Plan from '../../../../scenarios/schedule/Plan.ts'
import * as UniformOrder from '../../../../scenarios/schedule/UniformOrder.ts'
import * as RpcServer from '../../../helpers/rpcServer.ts'
import * as RecordedCity from '../../../metrics/RecordedCity.ts'
import * as Sandbox from '../../../metrics/books/Sandbox.ts'
import { smallPlan } from '../smallPlan.ts'

const AFTER_MS = 1000

/** Voters' own transactions of a plan, and a node that a test plays. */
let city: RecordedCity.RecordedCity
let spool: Spool.Spool
let history: LineTail.LineTail
let nowMs: number
/** Blocks of the node, as hashes of their transactions. */
let blocks: { hash: string; transactions: string[] }[]
/** Transactions mined of an address. */
let nonces: Map<string, number>
/** What the node answers to a transaction. */
let answer: RpcServer.Answer
let asked: RpcServer.Call[]
let resends: HistoryLine.Resend[]
/** What the node answers in place of a transaction count. */
let odd: string | undefined
const nodes: { url: string; close(): Promise<void> }[] = []

beforeEach(async () => {
  city = await RecordedCity.open('direct')
  spool = Spool.open(join(city.folder, 'plan', Plan.FILES.spool))
  history = LineTail.open(join(city.folder, 'attempts.log'))
  nowMs = 50_000
  blocks = [{ hash: '0xb0', transactions: [] }]
  nonces = new Map()
  answer = { result: '0xaccepted' }
  asked = []
  resends = []
  odd = undefined
})

afterEach(async () => {
  history.close()
  spool.close()
  for (const one of nodes.splice(0)) await one.close()
  await city.dispose()
})

async function node(): Promise<string> {
  const started = await RpcServer.start((call) => {
    asked.push(call)
    const [first] = call.params
    if (call.method === 'eth_blockNumber')
      return { result: `0x${(blocks.length - 1).toString(16)}` }
    if (call.method === 'eth_getTransactionCount') {
      if (odd !== undefined) return { result: odd }
      return { result: `0x${(nonces.get(String(first)) ?? 0).toString(16)}` }
    }
    if (call.method === 'eth_sendRawTransaction') return answer
    const block = blocks[Number(first)]
    const parentHash = blocks[Number(first) - 1]?.hash ?? '0x'
    return { result: block === undefined ? null : { ...block, parentHash } }
  })
  nodes.push(started)
  return started.url
}

async function create(given: Partial<Resender.Options> = {}): Promise<Resender.Resender> {
  return Resender.create({
    plan: city.plan,
    spool,
    histories: [history],
    record: (resend) => resends.push(resend),
    rpcUrls: [await node()],
    resendAfterMs: AFTER_MS,
    resendsPerSMax: 100,
    triesMax: 2,
    pollMs: 500,
    now: () => nowMs,
    ...given,
  })
}

/** A voter was told this. */
function told(ballot: number, status = 200, body = `{"result":"0x${'00'.repeat(32)}"}`): void {
  const times = { intendedAtMs: 1, sentAtMs: 1, doneAtMs: 1 }
  const line = HistoryLine.formatAttempt({ ballot, attempt: 1, ...times, status, body })
  appendFileSync(join(city.folder, 'attempts.log'), `${line}\n`)
}

function raw(ballot: number): string {
  return rawOf(spool, ballot)
}

function rawOf(of: Spool.Spool, ballot: number): string {
  return `0x${Spool.decodeTransaction(of.read(ballot, 1), 0).toString('hex')}`
}

type Two = { plan: Plan.Plan; spool: Spool.Spool; first: number; second: number; voter: string }

/** Ten voters, each with a ballot in two polls; those of the fourth. */
async function twoBallots(): Promise<Two> {
  const folder = join(city.folder, 'two')
  const polls = [1, 2].map((pollId) => ({
    pollId,
    question: `Which ${pollId}?`,
    options: ['a', 'b'],
    closesAfterMs: 1000,
    sealsAfterCloseMs: 1000,
  }))
  const stages = [{ ratePerS: 20, durationMs: 1000 }]
  const { plan } = await smallPlan(folder, { path: 'rpc', polls, electorateSize: 10, stages })
  const [first = 0, second = 0] = UniformOrder.create('rig', 10, [1, 2]).ballotsOf(3)
  const voter = Address.toHex(Address.fromPrivateKey(Electorate.privateKey('rig', 3)))
  return { plan, spool: Spool.open(join(folder, Plan.FILES.spool)), first, second, voter }
}

function hashOf(ballot: number): string {
  return JSON.parse(city.answer(ballot).body).result
}

function addressOf(ballot: number): string {
  const key = Electorate.privateKey(city.plan.seed, city.intent(ballot).voterIndex)
  return Address.toHex(Address.fromPrivateKey(key))
}

function sent(): unknown[] {
  return asked.flatMap(({ method, params }) =>
    method === 'eth_sendRawTransaction' ? [params[0]] : [],
  )
}

describe('look', () => {
  test('default: what was acknowledged and is in no block is sent again, when its wait is over', async () => {
    const resender = await create()
    told(3)
    await resender.look()
    expect(resender.counts()).toEqual({ acknowledged: 1, missing: 1, mined: 0, givenUp: 0 })
    nowMs += AFTER_MS - 1
    await resender.look()
    expect(sent()).toEqual([])
    nowMs += 1
    await resender.look()
    expect(sent()).toEqual([raw(3)])
    expect(resends).toMatchObject([
      { ballot: 3, atMs: nowMs, status: 200, body: expect.stringContaining('0xaccepted') },
    ])
    // Whose nonce was asked for.
    const counted = asked.filter(({ method }) => method === 'eth_getTransactionCount')
    expect(counted.map(({ params }) => params)).toEqual([[addressOf(3), 'latest']])
    const [sending] = asked.filter(({ method }) => method === 'eth_sendRawTransaction')
    expect(sending?.id).toBe(3)
  })

  test('behavior: what stands in a block, or whose nonce was used, is mined', async () => {
    const resender = await create()
    told(3)
    told(4)
    await resender.look()
    blocks.push({ hash: '0xb1', transactions: ['0xother', hashOf(3)] })
    nonces.set(addressOf(4), LegacyTransaction.nonceOf(Buffer.from(raw(4).slice(2), 'hex')) + 1)
    nowMs += AFTER_MS
    await resender.look()
    expect(sent()).toEqual([])
    expect(resender.counts()).toMatchObject({ mined: 2, missing: 0 })
  })

  test('behavior: a ballot whose block vanished is looked for again, after a wait', async () => {
    const resender = await create()
    told(3)
    blocks.push({ hash: '0xb1', transactions: [hashOf(3)] })
    await resender.look()
    expect(resender.counts()).toMatchObject({ mined: 1, missing: 0 })
    blocks = [blocks[0] ?? { hash: '', transactions: [] }, { hash: '0xc1', transactions: [] }]
    blocks.push({ hash: '0xc2', transactions: [] })
    await resender.look()
    expect(resender.counts()).toMatchObject({ mined: 0, missing: 1 })
    nowMs += AFTER_MS - 1
    await resender.look()
    expect(sent()).toEqual([])
    nowMs += 1
    await resender.look()
    expect(sent()).toEqual([raw(3)])
  })

  test('behavior: refused, unknown and foreign lines are nothing to look for', async () => {
    const resender = await create()
    told(1, 400)
    told(2, 0, 'timeout')
    told(city.plan.ballotCount)
    appendFileSync(join(city.folder, 'attempts.log'), 'E 3\nnonsense\n')
    await resender.look()
    expect(resender.counts()).toMatchObject({ acknowledged: 0, missing: 0 })
    told(2)
    await resender.look()
    expect(resender.counts()).toMatchObject({ acknowledged: 1 })
  })

  test('behavior: after so many tries its voter gives up', async () => {
    const resender = await create()
    told(3)
    await resender.look()
    for (let look = 0; look < 4; look += 1) {
      nowMs += AFTER_MS
      await resender.look()
    }
    expect(sent()).toEqual([raw(3), raw(3)])
    expect(resender.counts()).toEqual({ acknowledged: 1, missing: 0, mined: 0, givenUp: 1 })
  })

  test('behavior: tries go from node to node', async () => {
    const urls = [await node(), await node(), await node()]
    const resender = await create({ rpcUrls: urls, triesMax: 9 })
    told(3)
    for (let look = 0; look < 4; look += 1) {
      await resender.look()
      nowMs += AFTER_MS
    }
    expect(resends).toHaveLength(3)
    expect(sent()).toHaveLength(3)
  })

  test('behavior: a dead node leaves no answer, and that is told', async () => {
    const alive = await node()
    const resender = await create({ rpcUrls: [alive, 'http://127.0.0.1:9'] })
    // Ballot 4's first try goes to the second node.
    told(4)
    await resender.look()
    nowMs += AFTER_MS
    await resender.look()
    nowMs += AFTER_MS
    await resender.look()
    const statuses = resends.map(({ status }) => status)
    expect(statuses).toContain(0)
    expect(resends.find(({ status }) => status === 0)?.body).not.toBe('')
  })

  test('behavior: no more are sent in a look than the rate allows', async () => {
    const resender = await create({ resendsPerSMax: 8, pollMs: 500 })
    for (const ballot of [1, 2, 3, 4, 5, 6]) told(ballot)
    await resender.look()
    nowMs += AFTER_MS
    await resender.look()
    expect(sent()).toEqual([1, 2, 3, 4].map(raw))
    await resender.look()
    expect(sent()).toHaveLength(6)
    const slow = await create({ resendsPerSMax: 1, pollMs: 10 })
    const before = sent().length
    told(7)
    await slow.look()
    nowMs += AFTER_MS
    await slow.look()
    expect(sent()).toHaveLength(before + 1)
  })

  test('behavior: a node that tells no transaction count is asked again later', async () => {
    const resender = await create()
    told(3)
    await resender.look()
    nonces = new Map([[addressOf(3), Number.NaN]])
    nowMs += AFTER_MS
    await resender.look()
    expect(sent()).toEqual([])
    nonces = new Map()
    nowMs += AFTER_MS
    await resender.look()
    expect(sent()).toEqual([raw(3)])
  })

  test('behavior: where another machine fires the voter’s earlier one, nothing is lost yet', async () => {
    const resender = await create({ triesMax: 1 })
    told(3)
    await resender.look()
    nonces.set(addressOf(3), -1)
    const nonce = LegacyTransaction.nonceOf(Buffer.from(raw(3).slice(2), 'hex'))
    expect(nonce).toBe(0)
    nowMs += AFTER_MS
    await resender.look()
    expect(sent()).toEqual([])
    expect(resender.counts()).toMatchObject({ missing: 1, givenUp: 0 })
  })

  describe('of a voter with two ballots', () => {
    let two: Two

    beforeEach(async () => {
      two = await twoBallots()
    })
    afterEach(() => two.spool.close())

    /** Looks after the second ballot when its wait is over; which ones were sent. */
    async function resent(minedCount: number): Promise<number[]> {
      const resender = await create({ plan: two.plan, spool: two.spool })
      told(two.second)
      await resender.look()
      nonces.set(two.voter, minedCount)
      nowMs += AFTER_MS
      await resender.look()
      return resends.map(({ ballot }) => ballot)
    }

    test('behavior: the lowest missing nonce goes first, where somebody tried it', async () => {
      told(two.first, 0, 'timeout')
      expect(await resent(0)).toEqual([two.first])
      expect(sent()).toEqual([rawOf(two.spool, two.first)])
    })

    test('behavior: where nobody tried the first one, the second is sent', async () => {
      expect(await resent(0)).toEqual([two.second])
    })

    test('behavior: a first one that was refused was tried by nobody', async () => {
      told(two.first, 400, 'no')
      expect(await resent(0)).toEqual([two.second])
    })

    test('behavior: with the first one mined the second is the lowest', async () => {
      told(two.first, 0, 'timeout')
      expect(await resent(1)).toEqual([two.second])
    })

    test('behavior: with both mined nothing is sent', async () => {
      expect(await resent(2)).toEqual([])
    })
  })

  test.each(['0x1g', '1', '0x', ''])('behavior: %j is no transaction count', async (count) => {
    const resender = await create()
    told(3)
    await resender.look()
    odd = count
    nowMs += AFTER_MS
    await resender.look()
    expect([sent(), resender.counts().mined]).toEqual([[], 0])
  })

  test('behavior: a look without anything due asks for no nonce', async () => {
    const resender = await create()
    await resender.look()
    expect(asked.map(({ method }) => method)).not.toContain('eth_getTransactionCount')
  })

  test('error: a plan whose ballots go by an API', async () => {
    const sandbox = Sandbox.create(1)
    try {
      const plan = Plan.read(sandbox.options.planFolder)
      await expect(create({ plan })).rejects.toMatchObject({
        code: 'RESENDER_WRONG_PATH',
        exitCode: 104,
        message: 'This plan of sandbox goes by an API.',
      })
    } finally {
      sandbox.dispose()
    }
  })
})
