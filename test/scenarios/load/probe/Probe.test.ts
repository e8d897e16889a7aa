import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Attempt } from '../../../../scenarios/load/HistoryLine.ts'
import * as Config from '../../../../scenarios/load/probe/Config.ts'
import * as Metrics from '../../../../scenarios/load/probe/Metrics.ts'
import * as Probe from '../../../../scenarios/load/probe/Probe.ts'
import * as Report from '../../../../scenarios/load/probe/Report.ts'
import * as Slice from '../../../../scenarios/load/Slice.ts'
import { listen } from '../../../../scenarios/runtime/listen.ts'

type Told = { status: number; body?: string; headers?: Record<string, string> }

const POLL = 7

/** What the feeder gives out, in order; then the plan is at its end. */
let slices: (Uint8Array | number)[]
/** What the target answers to each ballot, by what was posted. */
let answers: Map<string, Told[]>
let arrived: { path: string; body: string }[]
let attempts: Attempt[]
let nowMs: number
let metrics: Metrics.Metrics
let url: string
let hanging: ServerResponse[]
let close: () => Promise<void>

beforeEach(async () => {
  slices = []
  answers = new Map()
  arrived = []
  attempts = []
  nowMs = 1000
  hanging = []
  metrics = Metrics.create()
  const server: Server = createServer((request, response) => void serve(request, response))
  const listening = await listen(server, 0)
  url = listening.url
  close = async () => {
    for (const response of hanging) response.destroy()
    server.closeAllConnections()
    await listening.close()
  }
})
afterEach(() => close())

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/probe') {
    const next = slices.shift() ?? 204
    if (next === 0) return void hanging.push(response)
    if (typeof next === 'number') return void response.writeHead(next).end()
    return void response.end(next)
  }
  let body = ''
  for await (const chunk of request) body += String(chunk)
  arrived.push({ path: request.url ?? '', body })
  const told = answers.get(body)?.shift() ?? { status: 202, body: 'yes' }
  if (told.status === 0) return void response.destroy()
  response.writeHead(told.status, told.headers ?? {}).end(told.body ?? '')
}

/** Ballots from `first` on, with these bodies. */
function slice(first: number, ...bodies: string[]): Uint8Array {
  const ballots = bodies.map((body) => ({
    intendedAtMs: nowMs,
    pollId: POLL,
    body: Buffer.from(body),
  }))
  return Slice.encode(first, ballots)
}

function start(given: Partial<Probe.Options> = {}): Probe.Probe {
  return Probe.start({
    path: 'api',
    feederUrl: url,
    targets: [url],
    standbyTargets: [],
    voter: { attemptsMax: 3, timeoutMs: 500, backoffMs: 1 },
    historyFile: 'x',
    reportFile: 'x',
    port: 0,
    metrics,
    record: (attempt) => void attempts.push(attempt),
    now: () => nowMs,
    ...given,
  })
}

function of(ballot: number): Attempt[] {
  return attempts.filter((one) => one.ballot === ballot)
}

/** Waits until so many attempts were recorded, and stops. */
async function ran(count: number, given: Partial<Probe.Options> = {}): Promise<void> {
  const probe = start(given)
  while (attempts.length < count) await sleep(2)
  await probe.stop()
}

describe('start', () => {
  test('default: each ballot goes to its poll, and what came back is recorded', async () => {
    slices.push(slice(40, 'a', 'b'), slice(90, 'c'))
    await ran(3)
    expect(arrived.map(({ path }) => path)).toEqual(arrived.map(() => `/polls/${POLL}/ballots`))
    expect(arrived.map(({ body }) => body).toSorted()).toEqual(['a', 'b', 'c'])
    const times = { intendedAtMs: 1000, sentAtMs: 1000, doneAtMs: 1000 }
    expect(attempts.toSorted((a, b) => a.ballot - b.ballot)).toEqual(
      [40, 41, 90].map((ballot) => ({ ballot, attempt: 1, ...times, status: 202, body: 'yes' })),
    )
    const text = await metrics.registry.metrics()
    expect(text).toContain('ballotstorm_probe_ballots_attempts_total{status="202"} 3\n')
    expect(text).toContain('ballotstorm_probe_ballots_answered_total{outcome="acknowledged"} 3\n')
  })

  test('behavior: a ballot leaves at its instant', async () => {
    slices.push(slice(0, 'a'))
    nowMs -= 150
    const startedAt = performance.now()
    await ran(1)
    expect(performance.now() - startedAt).toBeGreaterThan(140)
  })

  test('behavior: a voter who is put off, or gets no answer, tries again', async () => {
    slices.push(slice(0, 'a'), slice(1, 'b'), slice(2, 'c'))
    answers.set('a', [{ status: 503 }, { status: 0 }])
    answers.set('b', [{ status: 403, body: 'no' }])
    answers.set('c', [{ status: 0 }, { status: 0 }, { status: 0 }])
    await ran(7)
    expect(of(0).map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 503],
      [2, 0],
      [3, 202],
    ])
    expect(of(1).map(({ status, body }) => [status, body])).toEqual([[403, 'no']])
    expect(of(2).map(({ status }) => status)).toEqual([0, 0, 0])
    // Without an answer the body is the reason.
    expect(of(2)[0]?.body).toMatch(/socket hang up|ECONNRESET/)
    const text = await metrics.registry.metrics()
    for (const outcome of ['acknowledged', 'refused', 'indeterminate']) {
      expect(text).toContain(`ballotstorm_probe_ballots_answered_total{outcome="${outcome}"} 1\n`)
    }
    expect(text).toContain('ballotstorm_probe_ballots_attempts_total{status="0"} 4\n')
  })

  test('behavior: "Retry-After" is heeded', async () => {
    slices.push(slice(0, 'a'))
    answers.set('a', [{ status: 503, headers: { 'retry-after': '1' } }])
    const startedAt = performance.now()
    await ran(2, { voter: { attemptsMax: 2, timeoutMs: 200, backoffMs: 1 } })
    // No pause is longer than the voter would wait for an answer.
    expect(performance.now() - startedAt).toBeGreaterThan(190)
  })

  test('behavior: the next attempt goes to the next target', async () => {
    slices.push(slice(0, 'a'))
    answers.set('a', [{ status: 503 }])
    await ran(2, { targets: [`${url}/one`], standbyTargets: [`${url}/other`] })
    expect(arrived.map(({ path }) => path)).toEqual([
      `/one/polls/${POLL}/ballots`,
      `/other/polls/${POLL}/ballots`,
    ])
  })

  test('behavior: over rpc the node itself is asked', async () => {
    slices.push(slice(0, 'a'))
    const body = `{"result":"0x${'11'.repeat(32)}"}`
    answers.set('a', [{ status: 200, body }])
    await ran(1, { path: 'rpc', targets: [`${url}/node`] })
    expect(arrived).toEqual([{ path: '/node', body: 'a' }])
    expect(await metrics.registry.metrics()).toContain('{outcome="acknowledged"} 1\n')
  })

  test('behavior: an empty slice means "ask again"', async () => {
    slices.push(Slice.encode(0, []), slice(5, 'a'))
    await ran(1)
    expect(attempts[0]?.ballot).toBe(5)
  })

  test.each([500, 204])('behavior: at status %i it takes no more', async (status) => {
    slices.push(status, slice(0, 'a'))
    const probe = start()
    while (slices.length > 1) await sleep(2)
    await sleep(30)
    await probe.stop()
    expect(arrived).toEqual([])
    expect(slices).toHaveLength(1)
  })

  test('behavior: stopped while it waits for the feeder, it is done at once', async () => {
    slices.push(0)
    const probe = start()
    while (hanging.length === 0) await sleep(2)
    await probe.stop()
    expect(attempts).toEqual([])
  })

  test('behavior: at its bound of open ballots it takes no further one', async () => {
    const bodies = Array.from({ length: 256 }, (_, ballot) => `ballot ${ballot}`)
    // Intended in the future: all stay open until then.
    nowMs += 300
    slices.push(slice(0, ...bodies), slice(256, 'last'))
    nowMs -= 300
    const probe = start()
    await sleep(150)
    expect(slices).toHaveLength(1)
    while (attempts.length < 257) await sleep(5)
    await probe.stop()
    expect(slices).toHaveLength(0)
  })
})

describe('everyBallots', () => {
  test.each([
    // At 100/s each twentieth makes five a second.
    [10_000, 1000, 20],
    [10_000, 1010, 21],
    // Of ten ballots one at most.
    [10_000, 500, 10],
    [10_000, 400, 10],
    [10_000, 0, 10],
    [0, 100, 10],
    [1000, 1000, 200],
  ])('default: in %i ms of %i ballots each %i-th', (stormMs, ballotCount, every) => {
    expect(Config.everyBallots({ stormMs, ballotCount })).toBe(every)
  })
})

describe('Report.read', () => {
  test('default: what the probe said of itself, and nothing else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-probe-'))
    const file = join(folder, 'report.json')
    const written = (value: unknown): unknown => {
      writeFileSync(file, JSON.stringify(value))
      return Report.read(file)
    }
    expect(Report.read(file)).toBeUndefined()
    expect(written({ timerLateMsP99: 0 })).toEqual({ timerLateMsP99: 0 })
    expect(written({ timerLateMsP99: -1 })).toBeUndefined()
    expect(written({})).toBeUndefined()
    rmSync(folder, { recursive: true })
  })
})
