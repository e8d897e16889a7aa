import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Transaction } from 'ethers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Anvil from '../../../chain/networks/anvil.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import * as JsonRpc from '../../../scenarios/load/resender/JsonRpc.ts'
import * as Ledger from '../../../scenarios/load/resender/Ledger.ts'
import * as UniformOrder from '../../../scenarios/schedule/UniformOrder.ts'
import * as Rig from './rig.ts'
import { smallPlan } from './smallPlan.ts'
import { own } from '../../helpers/own.ts'

type Call = { id: number; method: string }

let folder: string
let endings: (() => unknown)[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-resender-'))
  endings = []
})
afterEach(async () => {
  for (const end of endings.toReversed()) await end()
  rmSync(folder, { recursive: true, force: true })
})

/** A transaction hash that begins with the ballot's number. */
function hash(ballot: number): string {
  return `0x${String(ballot).padStart(16, '0').padEnd(64, 'f')}`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A node with blocks of half a second; voters' transactions cost nothing. */
async function anvil(): Promise<string> {
  const port = await freePort()
  // Without a bound anvil writes states into the user's home.
  const memory = ['--prune-history', `${Anvil.STATES_MAX}`]
  const args = ['--hardfork', 'berlin', '--gas-price', '0', '--chain-id', '8995', ...memory]
  const words = [...args, '--block-time', '0.5', '--silent', '--port', String(port)]
  const child = own(spawn(Anvil.binary(), words, { stdio: 'ignore', detached: true }))
  endings.push(async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const url = `http://127.0.0.1:${port}`
  while ((await call(url, 'eth_blockNumber')) === undefined) await Rig.sleep(50)
  return url
}

async function call(url: string, method: string, params: unknown[] = []): Promise<unknown> {
  return (await JsonRpc.batch(url, [{ method, params }]))[0]
}

/** A plan of the path rpc, and its raw transactions in cast order. */
async function plan(given: Partial<Parameters<typeof smallPlan>[1]> = {}): Promise<string[]> {
  const { plan: made } = await smallPlan(folder, {
    stages: [{ ratePerS: 20, durationMs: 1000 }],
    path: 'rpc',
    ...given,
  })
  const spool = Spool.open(join(folder, Plan.FILES.spool))
  const raws = Array.from(
    { length: made.ballotCount },
    (_, ballot) => `0x${Spool.decodeTransaction(spool.read(ballot, 1), 0).toString('hex')}`,
  )
  spool.close()
  return raws
}

/** Tells the resender what a node answered. */
function answered(ballot: number, status = 200): void {
  const body = status === 200 ? `{"result":"0x${'00'.repeat(32)}"}` : 'nothing'
  const times = { intendedAtMs: 1, sentAtMs: 1, doneAtMs: 1 }
  const line = HistoryLine.formatAttempt({ ballot, attempt: 1, ...times, status, body })
  appendFileSync(join(folder, 'attempts.log'), `${line}\n`)
}

async function resender(
  rpcUrls: string[],
  config: Record<string, unknown> = {},
): Promise<Rig.Running> {
  const running = await Rig.start(
    'scenarios/load/resender/main.ts',
    join(folder, 'resender.json'),
    {
      planFolder: folder,
      historyFiles: [join(folder, 'attempts.log')],
      resendHistoryFile: join(folder, 'resends.log'),
      rpcUrls,
      resendAfterMs: 1500,
      pollMs: 200,
      ...config,
    },
  )
  endings.push(running.stop)
  return running
}

function resends(): HistoryLine.Resend[] {
  const file = join(folder, 'resends.log')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => HistoryLine.parseResend(line) ?? [])
}

/** Waits until the chain holds all of them. */
async function mined(url: string, raws: string[]): Promise<void> {
  const hashes = raws.map((raw) => Transaction.from(raw).hash)
  for (;;) {
    const receipts = await Promise.all(
      hashes.map((transactionHash) => call(url, 'eth_getTransactionReceipt', [transactionHash])),
    )
    if (receipts.every((receipt) => typeof receipt === 'object' && receipt !== null)) return
    await Rig.sleep(200)
  }
}

describe('resender', () => {
  test('default: what a node acknowledged and lost goes to another; nothing else is sent', async () => {
    const url = await anvil()
    const raws = await plan()
    const dead = `http://127.0.0.1:${await freePort()}`
    const running = await resender([dead, url])
    for (const [ballot, raw] of raws.entries()) {
      if (ballot < 12) await call(url, 'eth_sendRawTransaction', [raw])
      // The last two were refused: their voters were told so.
      answered(ballot, ballot < 18 ? 200 : 400)
    }
    await mined(url, raws.slice(0, 18))
    await Rig.sleep(2500)
    const sent = resends()
    expect(new Set(sent.map(({ ballot }) => ballot))).toEqual(new Set([12, 13, 14, 15, 16, 17]))
    expect(sent.filter(({ status }) => status === 200)).toHaveLength(6)
    expect(sent.filter(({ status }) => status === 0).length).toBeGreaterThan(0)
    expect(
      await call(url, 'eth_getTransactionByHash', [Transaction.from(raws[18] ?? '').hash]),
    ).toBeNull()
    const metrics = await (await fetch(`${running.url}/metrics`)).text()
    expect(metrics).toContain('ballotstorm_resender_ballots{state="mined"} 18')
    expect(metrics).toContain('ballotstorm_resender_ballots{state="missing"} 0')
    expect(metrics).toContain('ballotstorm_resender_resends_total{status="200"} 6')
    expect(await running.stop()).toBe(0)
  })

  test("behavior: the voter's lowest missing nonce goes first", async () => {
    const url = await anvil()
    const polls = [1, 2].map((pollId) => ({
      pollId,
      question: `Which ${pollId}?`,
      options: ['a', 'b'],
      closesAfterMs: 1000,
      sealsAfterCloseMs: 1000,
    }))
    const raws = await plan({ polls, electorateSize: 10 })
    const order = UniformOrder.create('rig', 10, [1, 2])
    const [first = 0, second = 0] = order.ballotsOf(3)
    // The first ballot's fate is unknown, and the second cannot be mined before it.
    answered(first, 0)
    answered(second)
    await call(url, 'eth_sendRawTransaction', [raws[second]])
    await resender([url])
    await mined(url, [raws[first] ?? '', raws[second] ?? ''])
    expect(resends()[0]?.ballot).toBe(first)
  })

  test('behavior: a ballot whose block vanished is sent again', async () => {
    const url = await anvil()
    const raws = await plan()
    // A chain that is long enough to lose five blocks.
    while (Number(await call(url, 'eth_blockNumber')) < 6) await Rig.sleep(100)
    await resender([url])
    await call(url, 'eth_sendRawTransaction', [raws[0]])
    answered(0)
    await mined(url, raws.slice(0, 1))
    await Rig.sleep(800)
    expect(resends()).toEqual([])
    await call(url, 'anvil_reorg', [5, []])
    expect(
      await call(url, 'eth_getTransactionReceipt', [Transaction.from(raws[0] ?? '').hash]),
    ).toBeNull()
    await mined(url, raws.slice(0, 1))
    expect(resends().map(({ ballot }) => ballot)).toEqual([0])
  })

  test('behavior: tries and their rate are bounded', async () => {
    await plan()
    const answering = await Rig.server((arrival, response) => {
      const asked: Call | Call[] = JSON.parse(arrival.body)
      const reply = ({ id, method }: Call) => ({
        id,
        result: method === 'eth_getTransactionCount' ? '0x0' : 'lost again',
      })
      response.end(JSON.stringify(Array.isArray(asked) ? asked.map(reply) : reply(asked)))
    })
    endings.push(answering.close)
    for (let ballot = 0; ballot < 10; ballot += 1) answered(ballot)
    await resender([answering.url], {
      resendAfterMs: 100,
      triesMax: 2,
      resendsPerSMax: 5,
      pollMs: 200,
    })
    await Rig.sleep(1900)
    expect(resends().length).toBeLessThanOrEqual(10)
    // A busy machine looks less often; in the end each was tried twice, and never again.
    for (let waitedMs = 0; resends().length < 20 && waitedMs < 60_000; waitedMs += 100) {
      await Rig.sleep(100)
    }
    await Rig.sleep(1000)
    expect(resends()).toHaveLength(20)
  })

  test('error: a plan of the path api', async () => {
    await smallPlan(folder, { stages: [{ ratePerS: 1, durationMs: 1000 }] })
    await expect(resender(['http://127.0.0.1:1'])).rejects.toThrow('goes by an API')
  })
})

describe('Ledger.create', () => {
  test('default: a ballot is due once its wait is over, and no more when it is mined', () => {
    const ledger = Ledger.create(10)
    for (let ballot = 0; ballot < 10; ballot += 1)
      ledger.acknowledge(ballot, hash(ballot), 100 + ballot)
    expect(ledger.due(99, 10)).toEqual([])
    expect(ledger.ballotOf(hash(3))).toBe(3)
    expect(ledger.ballotOf(`0x${'ff'.repeat(32)}`)).toBeUndefined()
    ledger.mine(1)
    expect(ledger.due(103, 2)).toEqual([0, 2])
    ledger.wait(0, 200)
    ledger.giveUp(2)
    expect(ledger.due(150, 10)).toEqual([3, 4, 5, 6, 7, 8, 9])
    expect(ledger.due(200, 10)).toEqual([0])
    ledger.unmine(1, 300)
    expect(ledger.due(300, 10)).toEqual([1])
    expect(ledger.counts()).toEqual({ acknowledged: 10, missing: 9, mined: 0, givenUp: 1 })
  })

  test('behavior: a ballot acknowledged twice is looked for once', () => {
    const ledger = Ledger.create(2)
    ledger.doubt(0)
    ledger.acknowledge(0, `0x${'01'.repeat(32)}`, 100)
    ledger.acknowledge(0, `0x${'01'.repeat(32)}`, 100)
    expect(ledger.due(100, 10)).toEqual([0])
    expect(ledger.counts().acknowledged).toBe(1)
  })

  test('behavior: memory is bounded by 64 bytes a ballot', () => {
    const before = process.memoryUsage().arrayBuffers
    const ledgers = [100_000, 100_001, 131_072, 196_609].map((count) => Ledger.create(count))
    const bytes = process.memoryUsage().arrayBuffers - before
    expect(ledgers).toHaveLength(4)
    expect(bytes / (100_000 + 100_001 + 131_072 + 196_609)).toBeLessThan(64)
    expect(bytes).toBeGreaterThan(0)
  })
})
