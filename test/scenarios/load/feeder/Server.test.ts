import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Feeder from '../../../../scenarios/load/feeder/Feeder.ts'
import * as Metrics from '../../../../scenarios/load/feeder/Metrics.ts'
import * as Server from '../../../../scenarios/load/feeder/Server.ts'
import type { HandOver } from '../../../../scenarios/load/HistoryLine.ts'
import * as Slice from '../../../../scenarios/load/Slice.ts'
import * as Plan from '../../../../scenarios/schedule/Plan.ts'
import * as Sandbox from '../../../metrics/books/Sandbox.ts'

const BALLOTS = 30
const START_AT_MS = 100_000

let sandbox: Sandbox.Sandbox
let feeder: Feeder.Feeder
let nowMs: number
let recorded: HandOver[]
let url: string
let close: () => Promise<void>

beforeEach(async () => {
  sandbox = Sandbox.create(BALLOTS)
  nowMs = START_AT_MS
  recorded = []
  const now = (): number => nowMs
  const { planFolder } = sandbox.options
  feeder = Feeder.open({
    spoolFile: join(planFolder, Plan.FILES.spool),
    instantsFile: join(planFolder, Plan.FILES.instants),
    sliceMs: 100,
    sliceBallotsMax: 512,
    leadMs: 0,
    probeEveryBallots: 10,
    stormMs: 300,
    overtimeMs: 60_000,
    now,
  })
  const metrics = Metrics.create(feeder)
  const record = (handOver: HandOver): void => void recorded.push(handOver)
  const listening = await Server.serve({ feeder, metrics, record, now, port: 0 })
  url = listening.url
  close = () => listening.close()
})

afterEach(async () => {
  await close()
  feeder.close()
  sandbox.dispose()
})

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}${path}`, init)
}

async function slice(response: Response): Promise<Slice.Slice> {
  return Slice.decode(await response.arrayBuffer())
}

async function status(): Promise<Record<string, unknown>> {
  return JSON.parse(await (await get('/status')).text())
}

/** Waits until somebody waits for a slice. */
async function waited(count = 1): Promise<void> {
  while ((await status())['waiting'] !== count) await sleep(5)
}

describe('serve', () => {
  test('default: a slice that is due is sent, and noted before', async () => {
    feeder.start(START_AT_MS)
    const response = await get('/slice')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    const { first, ballots } = await slice(response)
    expect([first, ballots.length]).toEqual([0, 9])
    expect(response.headers.get('content-length')).not.toBeNull()
    expect(recorded).toEqual([{ first: 0, count: 9, atMs: START_AT_MS }])
    expect((await get('/status')).headers.get('content-type')).toBe('application/json')
    expect(await status()).toEqual({
      startAtMs: START_AT_MS,
      handed: 9,
      ballotCount: BALLOTS,
      waiting: 0,
    })
    const metrics = await (await get('/metrics')).text()
    expect(metrics).toContain('ballotstorm_feeder_ballots_handed_total 9\n')
  })

  test('behavior: the probe gets its own', async () => {
    feeder.start(START_AT_MS - 90)
    const { first, ballots } = await slice(await get('/probe'))
    expect([first, ballots.length]).toEqual([9, 1])
  })

  test('behavior: one who asks early waits until it is due', async () => {
    const asked = get('/slice')
    await waited()
    const started = await get('/start', {
      method: 'POST',
      body: JSON.stringify({ startAtMs: START_AT_MS + 40 }),
    })
    expect(started.status).toBe(204)
    await sleep(120)
    expect(recorded).toEqual([])
    nowMs = START_AT_MS + 40
    expect((await slice(await asked)).ballots).toHaveLength(9)
    expect(recorded[0]?.atMs).toBe(START_AT_MS + 40)
  })

  test('behavior: nobody is kept longer than five seconds', async () => {
    const asked = get('/slice')
    await waited()
    nowMs += 4999
    await sleep(120)
    expect((await status())['waiting']).toBe(1)
    nowMs += 1
    const { first, ballots } = await slice(await asked)
    expect([first, ballots]).toEqual([0, []])
    expect(recorded).toEqual([])
  })

  test('behavior: after the last slice there is none', async () => {
    feeder.start(START_AT_MS - 1000)
    for (let taken = 0; taken < 3; taken += 1) expect((await get('/slice')).status).toBe(200)
    const response = await get('/slice')
    expect(response.status).toBe(204)
    expect(await response.text()).toBe('')
  })

  test('behavior: the end releases those who wait', async () => {
    const asked = get('/slice')
    await waited()
    await close()
    const response = await asked
    expect(response.status).toBe(204)
    expect(response.headers.get('connection')).toBe('close')
  })

  test('behavior: a taker who left takes no ballots along', async () => {
    const leaving = new AbortController()
    const asked = get('/slice', { signal: leaving.signal }).catch(() => 'left')
    await waited()
    leaving.abort()
    expect(await asked).toBe('left')
    await waited(0)
    feeder.start(START_AT_MS)
    await sleep(120)
    expect(recorded).toEqual([])
  })

  test.each([
    '{}',
    '',
    '{"startAtMs":-1}',
    '{"startAtMs":"1"}',
    `{"startAtMs":1${' '.repeat(2000)}x`,
  ])('error: %j does not begin a storm', async (body) => {
    const response = await get('/start', { method: 'POST', body })
    expect(response.status).toBe(400)
    expect(await response.text()).toBe('The body must be {"startAtMs": Unix milliseconds}.\n')
    expect(feeder.state().startAtMs).toBeUndefined()
  })

  test('boundary: a start of a thousand bytes is read whole', async () => {
    const body = `{"startAtMs":${START_AT_MS}${' '.repeat(1000)}}`
    expect((await get('/start', { method: 'POST', body })).status).toBe(204)
    expect(feeder.state().startAtMs).toBe(START_AT_MS)
  })

  test.each([
    ['GET', '/start'],
    ['POST', '/slice'],
    ['GET', '/'],
    ['GET', '/slice?x=1'],
  ])('error: %s %s is nowhere', async (method, path) => {
    expect((await get(path, { method })).status).toBe(404)
  })

  test('error: a spool that cannot be read is told, and the next one is asked again', async () => {
    feeder.start(START_AT_MS)
    feeder.close()
    const written: string[] = []
    const write = process.stderr.write.bind(process.stderr)
    process.stderr.write = (text) => written.push(String(text)) > 0
    try {
      expect((await get('/slice')).status).toBe(500)
    } finally {
      process.stderr.write = write
    }
    expect(written.join('')).toMatch(/\n$/)
    expect((await status())['waiting']).toBe(0)
    feeder = { ...feeder, close: () => {} }
  })
})
