import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Transaction } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startPart } from '../../../chain/processes/startPart.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import * as JsonRpc from '../../../scenarios/load/resender/JsonRpc.ts'
import type { Segment } from '../../../scenarios/schedule/Segment.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import * as Storm from '../../../scenarios/storms/Storm.ts'
import { storms } from '../../../scenarios/storms/storms.ts'
import * as Host from '../../../scripts/rig/Host.ts'
import * as Parts from '../../../scripts/rig/parts.ts'
import { resolveTools } from '../../../scripts/rig/resolveTools.ts'
import * as Rig from '../../../scripts/rig/Rig.ts'
import * as RunOptions from '../../../scripts/run/RunOptions.ts'
import { planOf } from '../../../scripts/run/runStorm.ts'
import { SILENT } from '../../../scripts/Progress.ts'
import * as RpcProxy from '../../helpers/rpcProxy.ts'
import { until } from '../../helpers/systemChild.ts'

const BALLOTS = 300
/** Each tenth transaction gets its hash, and is forgotten. */
const SWALLOWED_EVERY = 10
const BLOCK_TIME_MS = 150
const AT_ONCE = 25

let folder: string
let host: Host.Host
let rig: Rig.Rig
/** What voters talk to: it loses transactions. */
let losing: RpcProxy.RpcProxy
/** What the resender talks to: it notes whom it is asked for. */
let noting: RpcProxy.RpcProxy
let asked: Set<string>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-orders-'))
  host = Host.create({ folder, progress: SILENT })
  const flags = { design: 'direct', network: 'anvil', blockTime: `${BLOCK_TIME_MS}ms` }
  rig = await Rig.start(host, RunOptions.parse(flags), await resolveTools('anvil'))
  const url = rig.network?.network.observerUrl ?? ''
  losing = await RpcProxy.start(url)
  noting = await RpcProxy.start(url)
  noting.intercept(({ method, params }) => {
    if (method === 'eth_getTransactionCount') asked.add(String(params[0]))
    return undefined
  })
}, 120_000)
afterAll(async () => {
  await losing?.close()
  await noting?.close()
  await host?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A scenario in the small: 300 ballots, as many voters as its polls need. */
function small(storm: Storm.Storm): Storm.Storm {
  if (storm.arrivals.kind === 'stages') {
    return Storm.override(storm, { voters: 400, ratePerS: BALLOTS, durationMs: 1000 })
  }
  const voters = storm.electorate.kind === 'buildings' ? 9000 : 4000
  return Storm.override(storm, { voters, ballots: BALLOTS, compress: 5040 })
}

/** What is fired of a plan, and which of it the pool will lose. */
type Fired = {
  planFolder: string
  transactions: Transaction[]
  swallowed: number[]
  /** Addresses of those who vote; a signature's takes a hundred times as long. */
  voters: string[]
}

/** Signs a share of a storm's ballots on polls that are open. */
async function sign(
  ready: Rig.Ready,
  storm: Storm.Storm,
  segment: Segment | undefined,
): Promise<Fired> {
  const planFolder = mkdtempSync(join(folder, 'plan-'))
  const plan = await planOf(
    { host, folder: { planFolder }, segment, spoolFile: undefined },
    ready,
    storm,
  )
  const spool = Spool.open(join(planFolder, Plan.FILES.spool))
  const transactions = Array.from({ length: plan.ballotCount }, (_, ballot) =>
    Transaction.from(`0x${Spool.decodeTransaction(spool.read(ballot, 1), 0).toString('hex')}`),
  )
  const { seed } = ready.stand.electorate
  const voters = Array.from({ length: plan.ballotCount }, (_, ballot) => {
    const { voterIndex } = Spool.decodeIntent(spool.read(ballot, 1), 0)
    return Address.toHex(Address.fromPrivateKey(Electorate.privateKey(seed, voterIndex)))
  })
  spool.close()
  mkdirSync(join(planFolder, 'history'))
  const swallowed = [...transactions.keys()].filter(
    (ballot) => ballot % SWALLOWED_EVERY === SWALLOWED_EVERY - 1,
  )
  return { planFolder, transactions, swallowed, voters }
}

/** As the voters would: each sends its transaction, and believes the hash. */
async function fire({ planFolder, transactions }: Fired): Promise<void> {
  for (let first = 0; first < transactions.length; first += AT_ONCE) {
    const some = transactions.slice(first, first + AT_ONCE)
    const answers = await JsonRpc.batch(
      losing.url,
      some.map(({ serialized }) => ({ method: 'eth_sendRawTransaction', params: [serialized] })),
    )
    expect(answers).toEqual(some.map(({ hash }) => hash))
    const lines = answers.map((result, index) => {
      const ballot = first + index
      const body = JSON.stringify({ jsonrpc: '2.0', id: ballot, result })
      const times = { intendedAtMs: 1, sentAtMs: 1, doneAtMs: 1 }
      return `${HistoryLine.formatAttempt({ ballot, attempt: 1, ...times, status: 200, body })}\n`
    })
    appendFileSync(join(planFolder, 'history/attempts.log'), lines.join(''))
  }
}

function resent({ planFolder }: Fired): Set<number> {
  const file = join(planFolder, 'history/resends.log')
  if (!existsSync(file)) return new Set()
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  const resends = lines.flatMap((line) => HistoryLine.parseResend(line) ?? [])
  return new Set(resends.filter(({ status }) => status === 200).map(({ ballot }) => ballot))
}

/** How many of the transactions are in blocks and were counted by the contract. */
async function countedCount(transactions: readonly Transaction[]): Promise<number> {
  const receipts = await JsonRpc.batch(
    rig.network?.network.observerUrl ?? '',
    transactions.map(({ hash }) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
  )
  return receipts.filter(
    (receipt) =>
      typeof receipt === 'object' &&
      receipt !== null &&
      'status' in receipt &&
      receipt.status === '0x1',
  ).length
}

async function openPolls({ stand, polls }: Rig.Ready): Promise<void> {
  const nowS = Math.floor(Date.now() / 1000)
  const times = { opensAt: nowS - 60, closesAt: nowS + 3600, sealsAt: nowS + 7200 }
  const opened = await stand.deployment.openPolls(
    polls,
    polls.map(() => times),
  )
  Rig.countPolls(stand, opened.length)
}

const SEGMENTS: readonly Segment[] = [
  { index: 1, of: 2 },
  { index: 2, of: 2 },
]

const CASES = storms.flatMap((storm) => [
  { name: storm.name, storm, segments: [undefined], how: 'whole' },
  { name: storm.name, storm, segments: SEGMENTS, how: 'in two segments, as from two machines' },
])

describe('the resender where a pool loses each tenth transaction', () => {
  test.each(CASES)(
    'behavior: $name, $how: the right voter is asked for, and what was lost is sent again',
    { timeout: 60_000 },
    async ({ storm: whole, segments }) => {
      asked = new Set()
      const storm = small(whole)
      const ready = await Rig.prepare(rig, {
        voters: storm.voters,
        pollsOf: (seed) => Storm.polls(storm, seed),
      })
      const shares: Fired[] = []
      for (const segment of segments) shares.push(await sign(ready, storm, segment))
      await openPolls(ready)
      const all = shares.flatMap(({ transactions }) => transactions)
      expect(all).toHaveLength(BALLOTS)
      const resenders = await Promise.all(
        shares.map(({ planFolder }, index) =>
          startPart(
            host,
            Parts.resender,
            {
              planFolder,
              historyFiles: [join(planFolder, 'history/attempts.log')],
              resendHistoryFile: join(planFolder, 'history/resends.log'),
              rpcUrls: [noting.url],
              resendAfterMs: 600,
              pollMs: 100,
              resendsPerSMax: 1000,
            },
            index + 1,
          ),
        ),
      )
      const lostHashes = new Map(
        shares.flatMap(({ transactions, swallowed }) =>
          swallowed.map((ballot) => {
            const { serialized = '', hash = null } = transactions[ballot] ?? {}
            return [serialized, hash] as const
          }),
        ),
      )
      losing.intercept(({ params }) => lostHashes.get(String(params[0])) ?? undefined)
      await Promise.all(shares.map(fire))
      try {
        await until('all ballots count', async () => (await countedCount(all)) === BALLOTS)
      } finally {
        for (const { part } of resenders) await part.stop()
      }
      for (const share of shares) {
        const again = resent(share)
        expect(share.swallowed.length).toBe(Math.floor(share.transactions.length / SWALLOWED_EVERY))
        expect(share.swallowed.filter((ballot) => !again.has(ballot))).toEqual([])
        const lost = share.swallowed.map((ballot) =>
          share.transactions[ballot]?.from?.toLowerCase(),
        )
        expect(lost.filter((voter) => !asked.has(voter ?? ''))).toEqual([])
      }
      const voters = new Set(shares.flatMap((share) => share.voters))
      expect([...asked].filter((voter) => !voters.has(voter))).toEqual([])
    },
  )
})
