import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Polls from '../../../chain/database/Polls.ts'
import type { FindingKind } from '../../../metrics/Run.ts'
import type { Intent } from '../../../scenarios/ballots/Spool.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import * as Postgres from '../../chain/database/postgres.ts'
import * as RpcProxy from '../../helpers/rpcProxy.ts'
import * as Lies from '../../helpers/rpcProxyLies.ts'
import * as Child from '../../helpers/systemChild.ts'
import * as Anvil from '../anvil.ts'
import * as City from '../City.ts'
import type * as PlannedVoters from '../PlannedVoters.ts'

/** Choices of these two differ, so that swapping them changes two ballots and no total. */
type Victims = { one: number; other: number }

type Mutant = {
  name: string
  lies(city: City.City, victims: Victims): [voterIndex: number, told: Intent[]][]
  /** Finding and ballot; `alien` for one that the plan does not know. */
  expected(victims: Victims): [FindingKind, number | 'alien'][]
}

const ALIEN = 59_999

const MUTANTS: Mutant[] = [
  {
    name: 'drop one',
    lies: (city, { one }) => [[city.intent(one).voterIndex, []]],
    expected: ({ one }) => [['lost', one]],
  },
  {
    name: 'double one',
    lies: (city, { one }) => {
      const intent = city.intent(one)
      return [[intent.voterIndex, [intent, intent]]]
    },
    expected: ({ one }) => [['duplicated', one]],
  },
  {
    name: 'alter one',
    lies: (city, { one }) => {
      const intent = city.intent(one)
      return [[intent.voterIndex, [{ ...intent, choice: (intent.choice + 1) % 3 }]]]
    },
    expected: ({ one }) => [['altered', one]],
  },
  {
    name: 'add one',
    lies: (city, { one }) => {
      const intent = city.intent(one)
      return [[intent.voterIndex, [intent, { ...intent, voterIndex: ALIEN }]]]
    },
    expected: () => [['unexpected', 'alien']],
  },
  {
    name: 'swap two choices so that totals stay equal',
    lies: (city, { one, other }) => {
      const [first, second] = [city.intent(one), city.intent(other)]
      return [
        [first.voterIndex, [{ ...first, choice: second.choice }]],
        [second.voterIndex, [{ ...second, choice: first.choice }]],
      ]
    },
    expected: ({ one, other }) => [
      ['altered', one],
      ['altered', other],
    ],
  },
]

/** These witnesses begin after the storm, and so hear nothing in its first seconds. */
function problemsOf({ problems }: { problems: readonly string[] }): string[] {
  return problems.filter((problem) => !problem.includes('heard nothing'))
}

describe.each(['api', 'rpc'] as const)('books over %s', (path) => {
  let city: City.City
  let victims: Victims
  let lastBlock: number
  const proxies: RpcProxy.RpcProxy[] = []

  beforeAll(async () => {
    city = await City.found(path)
    const ballots = Array.from({ length: city.plan.ballotCount }, (_, ballot) => ballot)
    if (path === 'rpc') for (const ballot of ballots) await city.send(ballot)
    else
      for (let at = 0; at < ballots.length; at += 5) await city.send(...ballots.slice(at, at + 5))
    // Refused by the contract, so they must not count: a ballot again, as a carrier might.
    if (path === 'api') await city.send(0, 1)
    await city.seal()
    lastBlock = await city.anvil.height()
    const one = 3
    const other = ballots.findIndex(
      (ballot) => ballot > 4 && city.intent(ballot).choice !== city.intent(one).choice,
    )
    victims = { one, other }
    proxies.push(await RpcProxy.start(city.anvil.url), await RpcProxy.start(city.anvil.url))
    city.writeHistory()
  })

  afterAll(async () => {
    for (const proxy of proxies) await proxy.close()
    await city?.dispose()
  })

  /** All nodes tell the same, and nobody seals: what is made up cannot be told from what is. */
  const observe = (rewrite: (url: string) => RpcProxy.Rewrite | undefined): Promise<string> => {
    for (const proxy of proxies) proxy.rewrite(rewrite(city.anvil.url))
    return city.observe({ rpcUrls: proxies.map(({ url }) => url), untilFinal: lastBlock })
  }

  test('control: an honest chain and an honest history are clean', async () => {
    const books = await city.reconcile(await observe(() => undefined))
    expect(books.findings.listed).toEqual([])
    expect(problemsOf(books)).toEqual([])
    const { ballotCount } = city.plan
    expect(books.counts).toMatchObject({
      planned: ballotCount,
      acknowledged: ballotCount,
      unsent: 0,
      indeterminate: 0,
    })
    expect(books.counts).toMatchObject({ included: ballotCount, final: ballotCount, pending: 0 })
    expect(books.latencyMs.finality).toMatchObject({ count: ballotCount, censoredCount: 0 })
    expect(books.recount[0]?.votes.reduce((sum, votes) => sum + votes)).toBe(ballotCount)
  })

  test.each(MUTANTS)('$name: caught, and the ballot named', async (mutant) => {
    const lies = new Map(mutant.lies(city, victims))
    const books = await city.reconcile(
      await observe((url) => Lies.forge(url, { lies, fromBlock: city.fromBlock })),
    )
    const found = books.findings.listed.map(({ kind, ballot }) => [kind, ballot ?? 'alien'])
    expect(found).toEqual(mutant.expected(victims))
    for (const finding of books.findings.listed) {
      expect(finding.pollId).toBe(1)
      const named = finding.ballot === undefined ? ALIEN : city.intent(finding.ballot).voterIndex
      expect(finding.voterIndex).toBe(named)
      expect(finding.evidence).toHaveProperty(finding.kind === 'lost' ? 'answer' : 'transaction')
    }
  })

  test('behavior: swapped choices leave the recount as the tally, and are caught all the same', async () => {
    const honest = await city.reconcile(await observe(() => undefined))
    const swap = MUTANTS.find(({ name }) => name.startsWith('swap'))
    const lies = new Map(swap?.lies(city, victims))
    const swapped = await city.reconcile(
      await observe((url) => Lies.forge(url, { lies, fromBlock: city.fromBlock })),
    )
    expect(swapped.recount).toEqual(honest.recount)
    expect(swapped.counts.altered).toBe(2)
  })

  test('behavior: a lie in the events alone contradicts the calldata', async () => {
    const intent = city.intent(victims.one)
    const lies = new Map([[intent.voterIndex, [{ ...intent, choice: (intent.choice + 1) % 3 }]]])
    const books = await city.reconcile(
      await observe((url) => Lies.forge(url, { lies, fromBlock: city.fromBlock, part: 'events' })),
    )
    const kinds = books.findings.listed.map(({ kind, ballot }) => [kind, ballot])
    // Of a batch there is no event that names a ballot, so there is none to lie in.
    const contradicted = [
      ['altered', victims.one],
      ['contradiction', victims.one],
    ]
    expect(kinds).toEqual(path === 'api' ? [] : contradicted)
  })

  test('behavior: acknowledged and never carried to the chain is lost', async () => {
    // The API of the relayed path with a stolen key, or a node that takes and forgets.
    const lies = new Map([7, 8, 9].map((ballot) => [city.intent(ballot).voterIndex, []]))
    const books = await city.reconcile(
      await observe((url) => Lies.forge(url, { lies, fromBlock: city.fromBlock })),
    )
    expect(books.findings.listed.map(({ kind, ballot }) => [kind, ballot])).toEqual([
      ['lost', 7],
      ['lost', 8],
      ['lost', 9],
    ])
    expect(books.counts).toMatchObject({ lost: 3, pending: 0, final: city.plan.ballotCount - 3 })
  })
})

describe('books behind a lying API', () => {
  const [HONEST, KEPT, FORGED, ALTERED, DOUBLED] = [0, 3, 5, 7, 9]
  let city: City.City
  let postgres: Postgres.Postgres
  let pool: Pool
  const children: Child.Child[] = []

  beforeAll(async () => {
    city = await City.found('api')
    await city.anvil.request('evm_setAutomine', false)
    await city.anvil.request('evm_setIntervalMining', 1)
    postgres = await Postgres.start()
    pool = new Pool({ connectionString: postgres.url, max: 2 })
    // An idle connection may still hear that the server goes.
    pool.on('error', () => undefined)
    const pollDigest = Buffer.from(city.poll.pollDigest.slice(2), 'hex')
    await Polls.insert(pool, [{ ...city.poll, pollDigest }])
  })

  afterAll(async () => {
    for (const child of children) await child.kill()
    await pool?.end()
    await postgres?.dispose()
    await city?.dispose()
  })

  const start = async (main: string, name: string, config: object): Promise<Child.Child> => {
    const file = (ending: string): string => join(city.folder, `${name}.${ending}`)
    const key = name === 'api' ? city.receiptKey : Electorate.rolePrivateKey('city', name)
    writeFileSync(file('key'), key.toString('hex'))
    const common = { postgresUrl: postgres.url, blockTimeMs: 1000 }
    const whole = { ...common, chainId: Anvil.CHAIN_ID, ...config }
    writeFileSync(file('json'), JSON.stringify(whole))
    const child = await Child.startMain(main, file('json'))
    children.push(child)
    return child
  }

  test('behavior: each lie is caught at its ballot, and nothing else', async () => {
    const api = await start('chain/api/main.ts', 'api', {
      receiptKeyFile: join(city.folder, 'api.key'),
      registerFile: city.registerFile,
      verifyingContract: city.ballotBox,
      rpcUrl: city.anvil.url,
    })
    await start('chain/relayer/main.ts', 'relayer', {
      instance: 'relayer',
      keyFile: join(city.folder, 'relayer.key'),
      rpcUrls: [city.anvil.url],
      submitter: { kind: 'ballot-box', ballotBox: city.ballotBox },
      finality: { kind: 'instant' },
    })
    const post = async (body: object): Promise<PlannedVoters.HistoryAnswer> => {
      const url = `${api.url}/polls/1/ballots`
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: response.status, body: await response.text() }
    }
    let refusal: PlannedVoters.HistoryAnswer | undefined
    // What stands before the API, and has its key.
    const lying = async (ballot: number): Promise<PlannedVoters.HistoryAnswer> => {
      const request = city.request(ballot)
      if (ballot === KEPT) return city.answer(ballot)
      if (ballot === FORGED) {
        await post(request)
        return city.answer(ballot, Buffer.alloc(32, 9))
      }
      if (ballot === ALTERED) {
        refusal = await post({ ...request, choice: (request.choice + 1) % 3 })
        return city.answer(ballot)
      }
      if (ballot === DOUBLED) await post(request)
      return post(request)
    }
    const answers: PlannedVoters.HistoryAnswer[] = []
    for (let ballot = 0; ballot < city.plan.ballotCount; ballot += 1) {
      answers.push(await lying(ballot))
    }
    city.writeHistory((ballot) => answers[ballot])
    const stored = city.plan.ballotCount - 2
    const countFinal = `select count(*)::int as count from ballots b join batches using (batch_id) where batches.state = 'final'`
    await Child.until('all stored ballots are final', async () => {
      const { rows } = await pool.query<{ count: number }>(countFinal)
      return rows[0]?.count === stored
    })
    await city.anvil.request('evm_setIntervalMining', 0)
    await city.seal()
    const untilFinal = await city.anvil.height()
    const observations = await city.observe({ rpcUrls: [city.anvil.url], untilFinal })
    const books = await city.reconcile(observations)
    expect(problemsOf(books)).toEqual([])
    expect(books.findings.listed.map(({ kind, ballot }) => [kind, ballot])).toEqual([
      ['invalidReceipt', FORGED],
      ['lost', KEPT],
      ['lost', ALTERED],
    ])
    expect(books.counts).toMatchObject({ indeterminate: 1, duplicated: 0, final: stored })
    expect(answers[HONEST]?.status).toBe(202)
    expect(refusal?.status).toBe(422)
  })
})
