import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Attempt } from '../../../scenarios/load/HistoryLine.ts'
import * as Rig from './rig.ts'
import { smallPlan } from './smallPlan.ts'
import type { Path } from '../../../scenarios/ballots/Path.ts'

let folder: string
let endings: (() => unknown)[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-storm-'))
  endings = []
})
afterEach(async () => {
  for (const end of endings.toReversed()) await end()
  rmSync(folder, { recursive: true, force: true })
})

type K6 = Awaited<ReturnType<typeof Rig.k6>>
type During = (k6: K6, startAtMs: number, feeder: Rig.Running) => Promise<void>
type Storm = {
  stages: { ratePerS: number; durationMs: number }[]
  targets: string[]
  standbyTargets?: string[]
  path?: Path
  vuCount?: number
  openBallotsMax?: number
  voter?: { attemptsMax: number; timeoutMs: number; backoffMs: number }
  feeder?: Record<string, unknown>
  k6Env?: Record<string, string>
  during?: During
}

/** A storm from plan to end, against `targets`. */
async function storm(options: Storm) {
  const { targets, standbyTargets, vuCount, openBallotsMax, stages, path = 'api', voter } = options
  const { plan } = await smallPlan(folder, {
    stages,
    path,
    ...(voter === undefined ? {} : { voter }),
  })
  const feeder = await Rig.feeder(folder, options.feeder)
  endings.push(feeder.stop)
  const told = { feederUrl: feeder.url, targets, standbyTargets, plan, vuCount, openBallotsMax }
  const k6 = await Rig.k6(folder, told, options.k6Env)
  endings.push(() => k6.child.kill('SIGKILL'))
  const startAtMs = plan.ballotCount === 0 ? 0 : await Rig.begin(feeder.url)
  await options.during?.(k6, startAtMs, feeder)
  const exitCode = await k6.ended
  const handed = Rig.handOvers(folder).reduce((sum, { count }) => sum + count, 0)
  return { plan, startAtMs, exitCode, handed, attempts: Rig.attempts(folder) }
}

/** Answers as a node does that took a transaction. */
const takeTransaction: Parameters<typeof Rig.server>[0] = (arrival, response) => {
  const { id } = JSON.parse(arrival.body)
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result: `0x${'ab'.repeat(32)}` }))
}

async function api(answer?: Parameters<typeof Rig.server>[0]) {
  const server = await Rig.server(answer)
  endings.push(server.close)
  return server
}

function steady(ratePerS: number, seconds: number) {
  return [{ ratePerS, durationMs: seconds * 1000 }]
}

function lateMs(attempts: readonly Attempt[]): number[] {
  return attempts.map(({ sentAtMs, intendedAtMs }) => sentAtMs - intendedAtMs)
}

function distinct(attempts: readonly Attempt[]): number {
  return new Set(attempts.map(({ ballot }) => ballot)).size
}

describe('storm', () => {
  test('default: each ballot arrives once, at about its instant', async () => {
    const server = await api()
    const { plan, exitCode, attempts, startAtMs } = await storm({
      stages: steady(200, 3),
      targets: [server.url],
    })
    expect(exitCode).toBe(0)
    expect(plan.ballotCount).toBe(600)
    expect(server.arrivals).toHaveLength(600)
    expect(new Set(server.arrivals.map(({ body }) => body)).size).toBe(600)
    expect(server.arrivals[0]?.path).toBe('/polls/1/ballots')
    expect(attempts).toHaveLength(600)
    expect(distinct(attempts)).toBe(600)
    expect(Rig.percentile(lateMs(attempts), 0.99)).toBeLessThan(250)
    expect(Math.min(...lateMs(attempts))).toBeGreaterThan(-5)
    expect(Math.min(...attempts.map((line) => line.intendedAtMs))).toBeGreaterThanOrEqual(startAtMs)
  })

  test('behavior: a server that stalls for 3 s delays the ballots of those 3 s, and no others', async () => {
    let stall: { fromMs: number; toMs: number } = { fromMs: Infinity, toMs: 0 }
    const server = await api((arrival, response) => {
      const isStalled = arrival.atMs >= stall.fromMs && arrival.atMs < stall.toMs
      const pauseMs = isStalled ? stall.toMs - arrival.atMs : 0
      setTimeout(() => Rig.accept(arrival, response), pauseMs)
    })
    const { attempts, exitCode } = await storm({
      stages: steady(50, 10),
      targets: [server.url],
      during: async (_, startAtMs) => {
        stall = { fromMs: startAtMs + 3000, toMs: startAtMs + 6000 }
      },
    })
    const ackMs = attempts.map(({ doneAtMs, intendedAtMs }) => doneAtMs - intendedAtMs)
    // Of the 150 ballots of the 3 s two thirds wait for more than one.
    const affected = ackMs.filter((ms) => ms > 1000).length
    expect(exitCode).toBe(0)
    expect(distinct(attempts)).toBe(500)
    expect(affected).toBeGreaterThan(80)
    expect(affected).toBeLessThan(150)
    expect(Rig.percentile(ackMs, 0.99)).toBeGreaterThanOrEqual(2000)
    // Open model: the generator itself was not slowed down.
    expect(Rig.percentile(lateMs(attempts), 0.99)).toBeLessThan(250)
  })

  test('behavior: with nobody listening each attempt has status 0 and a reason', async () => {
    const server = await Rig.server()
    await server.close()
    const { attempts, plan, exitCode } = await storm({
      stages: steady(50, 2),
      targets: [server.url],
      voter: { attemptsMax: 3, timeoutMs: 1000, backoffMs: 50 },
    })
    expect(exitCode).toBe(0)
    expect(attempts).toHaveLength(plan.ballotCount * 3)
    expect(attempts.every(({ status }) => status === 0)).toBe(true)
    expect(attempts.every(({ body }) => body.startsWith('1212 '))).toBe(true)
  })

  test('behavior: 503 is tried again after Retry-After, with the same body', async () => {
    const seen = new Set<string>()
    const server = await api((arrival, response) => {
      if (seen.has(arrival.body)) return Rig.accept(arrival, response)
      seen.add(arrival.body)
      response.writeHead(503, { 'retry-after': '1' }).end('{"later":true}')
    })
    const { attempts } = await storm({ stages: steady(20, 2), targets: [server.url] })
    const second = attempts.filter(({ attempt }) => attempt === 2)
    const firstDoneAtMs = new Map(
      attempts.filter(({ attempt }) => attempt === 1).map((line) => [line.ballot, line.doneAtMs]),
    )
    expect(attempts).toHaveLength(80)
    expect(second).toHaveLength(40)
    expect(second.every(({ status }) => status === 202)).toBe(true)
    const pausesMs = second.map((line) => line.sentAtMs - (firstDoneAtMs.get(line.ballot) ?? 0))
    expect(Math.min(...pausesMs)).toBeGreaterThanOrEqual(999)
  })

  test('behavior: a silent server costs the time-out, and the next attempt is another', async () => {
    const server = await api(() => {})
    const { attempts } = await storm({
      stages: steady(10, 1),
      targets: [server.url],
      voter: { attemptsMax: 2, timeoutMs: 500, backoffMs: 50 },
    })
    expect(attempts).toHaveLength(20)
    expect(attempts.every(({ status, body }) => status === 0 && body.startsWith('1050 '))).toBe(
      true,
    )
  })

  test('behavior: a redirect is not followed, and a definite refusal not repeated', async () => {
    const other = await api()
    const server = await api((_, response) => {
      response.writeHead(307, { location: `${other.url}/elsewhere` }).end('no\nsuch  place')
    })
    const { attempts } = await storm({ stages: steady(10, 1), targets: [server.url] })
    expect(attempts).toHaveLength(10)
    expect(attempts[0]).toMatchObject({ status: 307, body: 'no such place' })
    expect(other.arrivals).toHaveLength(0)
  })

  test('behavior: a proxy in the environment is not used', async () => {
    const proxy = await api()
    const server = await api()
    await storm({
      stages: steady(10, 1),
      targets: [server.url],
      k6Env: { HTTP_PROXY: proxy.url, http_proxy: proxy.url },
    })
    expect(server.arrivals).toHaveLength(10)
    expect(proxy.arrivals).toHaveLength(0)
  })

  test('behavior: direct sends raw transactions, and the next attempt goes to the next node', async () => {
    const down = await api((_, response) => {
      response.writeHead(502).end('down')
    })
    const up = await api(takeTransaction)
    const { attempts } = await storm({
      stages: steady(20, 2),
      targets: [down.url, up.url],
      path: 'rpc',
    })
    expect(down.arrivals).toHaveLength(20)
    expect(up.arrivals).toHaveLength(40)
    expect(attempts).toHaveLength(60)
    const call = JSON.parse(up.arrivals[0]?.body ?? '')
    expect(call.method).toBe('eth_sendRawTransaction')
    expect(call.params[0]).toMatch(/^0xf8/)
    const ids = up.arrivals.map(({ body }) => Number(JSON.parse(body).id))
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index))
  })

  test('behavior: a standby takes only what the targets have failed', async () => {
    const target = await api((arrival, response) => {
      const isRefused = Number(JSON.parse(arrival.body).id) % 2 === 1
      if (isRefused) response.writeHead(502).end('down')
      else takeTransaction(arrival, response)
    })
    const standby = await api(takeTransaction)
    const { attempts } = await storm({
      stages: steady(20, 1),
      targets: [target.url],
      standbyTargets: [standby.url],
      path: 'rpc',
    })
    expect(target.arrivals).toHaveLength(20)
    expect(attempts).toHaveLength(30)
    const ids = standby.arrivals.map(({ body }) => Number(JSON.parse(body).id))
    const odd = Array.from({ length: 10 }, (_, index) => 2 * index + 1)
    expect(ids.toSorted((a, b) => a - b)).toEqual(odd)
  })

  test('behavior: when k6 is killed, what it may have sent is bounded and known', async () => {
    const server = await api((arrival, response) => {
      setTimeout(() => Rig.accept(arrival, response), 50)
    })
    const { plan, handed, attempts } = await storm({
      stages: steady(100, 8),
      targets: [server.url],
      during: async (k6) => {
        await Rig.sleep(3500)
        k6.child.kill('SIGKILL')
      },
    })
    const answered = distinct(attempts)
    expect(answered).toBeGreaterThan(200)
    expect(handed).toBeLessThan(plan.ballotCount)
    // At most one lead of 1 s and one slice of 0.5 s, and what was on the wire.
    expect(handed - answered).toBeLessThan(250)
    expect(server.arrivals.length).toBeGreaterThanOrEqual(answered)
    expect(server.arrivals.length).toBeLessThanOrEqual(handed)
  })

  test('behavior: a k6 that gets no processor shows by lateness', async () => {
    const server = await api()
    const { attempts } = await storm({
      stages: steady(50, 5),
      targets: [server.url],
      during: async (k6) => {
        await Rig.sleep(2500)
        k6.child.kill('SIGSTOP')
        await Rig.sleep(2000)
        k6.child.kill('SIGCONT')
      },
    })
    const late = lateMs(attempts).filter((ms) => ms > 250).length
    expect(distinct(attempts)).toBe(250)
    expect(late).toBeGreaterThan(60)
    expect(Rig.percentile(lateMs(attempts), 0.99)).toBeGreaterThan(250)
  })

  test('behavior: at the bound of open ballots the rest of the plan stays unsent', async () => {
    const server = await api((arrival, response) => {
      setTimeout(() => Rig.accept(arrival, response), 2000)
    })
    const { plan, handed, attempts } = await storm({
      stages: steady(100, 3),
      targets: [server.url],
      vuCount: 1,
      openBallotsMax: 20,
      feeder: { overtimeMs: 500 },
    })
    expect(handed).toBeLessThan(plan.ballotCount)
    expect(distinct(attempts)).toBe(handed)
  })

  test('behavior: a feeder that dies ends the storm, not in silence', async () => {
    const server = await api()
    const { exitCode, attempts, handed } = await storm({
      stages: steady(50, 20),
      targets: [server.url],
      during: async (_, __, feeder) => {
        await Rig.sleep(2000)
        feeder.child.kill('SIGKILL')
      },
    })
    expect(exitCode).toBe(110)
    expect(distinct(attempts)).toBe(handed)
  })

  test('behavior: a plan of zero ballots ends at once with an empty history', async () => {
    const server = await api()
    const { attempts, exitCode } = await storm({ stages: steady(0, 1), targets: [server.url] })
    expect(exitCode).toBe(0)
    expect(attempts).toHaveLength(0)
  })

  test("behavior: k6's counters equal the history", async () => {
    let count = 0
    const server = await api((arrival, response) => {
      count += 1
      if (count % 3 === 0) return Rig.accept(arrival, response)
      response.writeHead(count % 3 === 1 ? 503 : 422).end('{}')
    })
    const samples = join(folder, 'samples.json')
    const { attempts } = await storm({
      stages: steady(50, 2),
      targets: [server.url],
      k6Env: { K6_OUT: `json=${samples}` },
    })
    const sum = (metric: string, tag: string, value: string): number =>
      readFileSync(samples, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter((sample) => sample.type === 'Point' && sample.metric === metric)
        .filter((sample) => sample.data.tags[tag] === value)
        .reduce((total, sample) => total + sample.data.value, 0)
    for (const status of [202, 422, 503]) {
      const lines = attempts.filter((line) => line.status === status).length
      expect(lines).toBeGreaterThan(0)
      expect(sum('ballots_attempts', 'status', String(status))).toBe(lines)
    }
    const ok = distinct(attempts.filter(({ status }) => status === 202))
    expect(sum('ballots_answered', 'outcome', 'acknowledged')).toBe(ok)
    expect(sum('ballots_answered', 'outcome', 'refused')).toBe(distinct(attempts) - ok)
  })
})
