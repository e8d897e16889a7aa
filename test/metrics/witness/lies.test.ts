import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Finding } from '../../../metrics/Run.ts'
import type { Fault } from '../../../metrics/witness/Observation.ts'
import type * as RpcProxy from '../../helpers/rpcProxy.ts'
import * as Lies from '../../helpers/rpcProxyLies.ts'
import * as RecordedCity from '../RecordedCity.ts'
import * as Nodes from './Nodes.ts'
import * as Watch from './Watch.ts'

const BALLOTS = 4

/** Which ballot the first node lies about. */
const VICTIM = 2

/** A voter who has no ballot. */
const ALIEN = 59_999

/** A recorded chain, shown up to its fourth ballot; in front of it what may lie. */
let city: RecordedCity.RecordedCity
let first: RpcProxy.RpcProxy
let second: RpcProxy.RpcProxy
let height: number

beforeAll(async () => {
  city = await RecordedCity.open('direct')
  height = city.facts.ballotBlocks[BALLOTS - 1] ?? 0
  city.node.show(city.recording, height)
  city.writeHistory((ballot) => (ballot < BALLOTS ? city.answer(ballot) : undefined))
})
afterAll(() => city.dispose())

beforeEach(async () => {
  const nodes = await Nodes.open(city.folder, [city.node.url, city.node.url])
  ;({ first, second } = nodes)
  return () => nodes.close()
})

async function watched(...nodes: RpcProxy.RpcProxy[]): Promise<Watch.Watch> {
  const urls = nodes.map(({ url }) => url)
  const watch = Watch.create(city, { kind: 'instant' }, urls)
  await watch.catchUp()
  return watch
}

function votersIn(watch: Watch.Watch): number[] {
  return watch
    .observed()
    .flatMap((line) => (line.kind === 'block' ? line.casts.map(([, voter]) => voter) : []))
}

function honestVoters(): number[] {
  return Array.from({ length: BALLOTS }, (_, ballot) => city.intent(ballot).voterIndex)
}

function faultsIn(watch: Watch.Watch): Fault[] {
  return watch.observed().flatMap((line) => (line.kind === 'fault' ? line : []))
}

async function findingsOf(watch: Watch.Watch): Promise<Finding[]> {
  const { findings } = await city.reconcile(watch.observationsFile)
  return findings.listed
}

const LIES: Record<string, () => RpcProxy.Rewrite> = {
  'adds a ballot': () => {
    const intent = city.intent(VICTIM)
    return Lies.lie(new Map([[intent.voterIndex, [intent, { ...intent, voterIndex: ALIEN }]]]))
  },
  'alters a ballot': () => {
    const intent = city.intent(VICTIM)
    const told = { ...intent, choice: (intent.choice + 1) % 3 }
    return Lies.lie(new Map([[intent.voterIndex, [told]]]))
  },
  'hides a transaction': () => altering('eth_getBlockByNumber', () => ({ transactions: [] })),
  'hides the event of a ballot': () => altering('eth_getTransactionReceipt', () => ({ logs: [] })),
  'says that a transaction failed': () =>
    altering('eth_getTransactionReceipt', () => ({ status: '0x0' })),
  'alters the time of a block': () =>
    altering('eth_getBlockByNumber', () => ({ timestamp: '0x7fffffff' })),
  'gives a block another name': () =>
    altering('eth_getBlockByNumber', () => ({ hash: `0x${'ab'.repeat(32)}` })),
}

/** The lie of a node that shows other fields in what it answers. */
function altering(method: string, fields: () => object): RpcProxy.Rewrite {
  return (call, result) =>
    call.method === method && typeof result === 'object' && result !== null
      ? { ...result, ...fields() }
      : result
}

describe('readNext', () => {
  test.each(Object.keys(LIES))(
    'behavior: a node that %s is named, and the honest one is read',
    async (name) => {
      first.rewrite(LIES[name]?.())
      const watch = await watched(first, second)
      expect(votersIn(watch)).toEqual(honestVoters())
      const faults = faultsIn(watch)
      expect(faults.length).toBeGreaterThan(0)
      expect(faults.every(({ rpcUrl, isCheckable }) => rpcUrl === first.url && isCheckable)).toBe(
        true,
      )
      const findings = await findingsOf(watch)
      expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['brokenBlock']))
      const { host } = new URL(first.url)
      expect(findings.map(({ evidence }) => evidence['node'])).toEqual(findings.map(() => host))
    },
  )

  test('behavior: a lying node alone counts nothing, and nobody says that the chain stands', async () => {
    first.rewrite(LIES['alters a ballot']?.())
    const watch = await watched(first)
    expect(votersIn(watch)).toEqual(honestVoters().slice(0, VICTIM))
    const kinds = watch.observed().map(({ kind }) => kind)
    expect(kinds.slice(kinds.indexOf('fault'))).toEqual(['fault'])
  })

  test('behavior: a reorganisation by name alone drops nothing', async () => {
    const watch = await watched(first, second)
    first.rewrite(LIES['gives a block another name']?.())
    await watch.catchUp()
    expect(votersIn(watch)).toEqual(honestVoters())
    expect(watch.observed().filter(({ kind }) => kind === 'reorganisation')).toEqual([])
    expect(faultsIn(watch).map(({ rpcUrl }) => rpcUrl)).toContain(first.url)
  })

  test('behavior: a node that withholds blocks is left for one that has them', async () => {
    const known = height - 2
    first.rewrite(({ method, params }, result) => {
      if (method === 'eth_blockNumber') return `0x${known.toString(16)}`
      return method === 'eth_getBlockByNumber' && Number(params[0]) > known ? null : result
    })
    const watch = await watched(first, second)
    expect(votersIn(watch)).toEqual(honestVoters())
    expect(faultsIn(watch)).toEqual([])
  })

  test('behavior: a receipt that is not there yet accuses nobody', async () => {
    let lackingCount = 2
    first.rewrite(({ method }, result) => {
      if (method !== 'eth_getTransactionReceipt' || lackingCount === 0) return result
      lackingCount -= 1
      return null
    })
    const watch = await watched(first)
    expect(votersIn(watch)).toEqual(honestVoters())
    expect(faultsIn(watch)).toEqual([])
  })

  test('behavior: what nobody can recompute is counted nowhere, and held against nobody', async () => {
    first.rewrite(({ method }, result) =>
      method === 'eth_getBlockByNumber' && hasTransactions(result)
        ? { ...result, transactions: result.transactions.map((one) => ({ ...one, type: '0x7e' })) }
        : result,
    )
    const watch = await watched(first)
    expect(votersIn(watch)).toEqual([])
    const books = await city.reconcile(watch.observationsFile)
    expect(books.findings.listed.filter(({ kind }) => kind === 'brokenBlock')).toEqual([])
    expect(books.problems.join()).toContain('of type 126, which cannot be recomputed')
  })
})

describe('compare', () => {
  test('behavior: two whole chains without seals: neither can be named', async () => {
    const intent = city.intent(VICTIM)
    const lies: Lies.Lies = new Map([[intent.voterIndex, []]])
    second.rewrite(Lies.forge(city.node.url, { lies, fromBlock: city.fromBlock }))
    const watch = await watched(first, second)
    expect(faultsIn(watch)).toEqual([])
    const [finding] = await findingsOf(watch)
    expect(finding?.kind).toBe('nodesDisagree')
    expect(Object.values(finding?.evidence ?? {})).toEqual(
      expect.arrayContaining([first.url, second.url]),
    )
  })
})

describe('sources', () => {
  test('default: who was read, who agreed, and who was never heard', async () => {
    const watch = await watched(first, second)
    expect(watch.sources()).toEqual({
      kind: 'nodes',
      nodes: [
        { rpcUrl: first.url, blockCount: BALLOTS, agreedNumber: height, isHeard: true },
        { rpcUrl: second.url, blockCount: 0, agreedNumber: height, isHeard: true },
      ],
      seals: 'none',
      validators: [],
    })
    second.fail('cut')
    const { nodes } = (await watched(first, second)).sources()
    expect(nodes[1]).toEqual({
      rpcUrl: second.url,
      blockCount: 0,
      agreedNumber: -1,
      isHeard: false,
    })
  })
})

function hasTransactions(value: unknown): value is { transactions: object[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'transactions' in value &&
    Array.isArray(value.transactions) &&
    value.transactions.every((one) => typeof one === 'object')
  )
}
