import {
  openSync,
  closeSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  ftruncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as Feeder from '../../../scenarios/load/feeder/Feeder.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import * as Slice from '../../../scenarios/load/Slice.ts'
import * as Rig from './rig.ts'
import { smallPlan } from './smallPlan.ts'

let folder: string
let endings: (() => unknown)[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-feeder-'))
  endings = []
})
afterEach(async () => {
  for (const end of endings.toReversed()) await end()
  rmSync(folder, { recursive: true, force: true })
})

function open(nowMs: { value: number }, given: Partial<Feeder.Options> = {}): Feeder.Feeder {
  const feeder = Feeder.open({
    spoolFile: join(folder, Plan.FILES.spool),
    instantsFile: join(folder, Plan.FILES.instants),
    sliceMs: 500,
    sliceBallotsMax: 512,
    leadMs: 1000,
    stormMs: 10_000,
    overtimeMs: 5000,
    now: () => nowMs.value,
    ...given,
  })
  endings.push(() => feeder.close())
  return feeder
}

function ballotsOf(lane: Feeder.Lane): number[] {
  const ballots: number[] = []
  while (lane.dueAtMs() !== 'end') {
    const { first, count } = lane.take().handOver
    for (let index = 0; index < count; index += 1) ballots.push(first + index)
  }
  return ballots
}

describe('Feeder.open', () => {
  test('default: slices cover the plan in order, each within its span, none before its time', async () => {
    const { plan } = await smallPlan(folder, { stages: [{ ratePerS: 50, durationMs: 10_000 }] })
    const nowMs = { value: 0 }
    const feeder = open(nowMs)
    expect(feeder.k6.dueAtMs()).toBeUndefined()
    feeder.start(100_000)
    let next = 0
    for (;;) {
      const dueAtMs = feeder.k6.dueAtMs()
      if (dueAtMs === 'end' || dueAtMs === undefined) break
      nowMs.value = dueAtMs
      const { handOver, bytes } = feeder.k6.take()
      const slice = Slice.decode(Uint8Array.from(bytes).buffer)
      const instants = slice.ballots.map(({ intendedAtMs }) => intendedAtMs)
      expect(slice.first).toBe(next)
      expect(handOver).toEqual({ first: next, count: instants.length, atMs: dueAtMs })
      expect(dueAtMs).toBe((instants[0] ?? 0) - 1000)
      expect((instants.at(-1) ?? 0) - (instants[0] ?? 0)).toBeLessThan(500)
      next += slice.ballots.length
    }
    expect(next).toBe(plan.ballotCount)
    expect(feeder.state().handed).toBe(500)
  })

  test('behavior: the body is what the voting API takes', async () => {
    await smallPlan(folder, { stages: [{ ratePerS: 10, durationMs: 1000 }] })
    const feeder = open({ value: 0 })
    feeder.start(0)
    const slice = Slice.decode(Uint8Array.from(feeder.k6.take().bytes).buffer)
    const body = JSON.parse(Buffer.from(slice.ballots[0]?.body ?? new ArrayBuffer()).toString())
    expect(Object.keys(body)).toEqual(['voter', 'voterIndex', 'choice', 'signature'])
    expect(body.voter).toMatch(/^0x[0-9a-f]{40}$/)
    expect(body.signature).toMatch(/^0x[0-9a-f]{130}$/)
  })

  test('behavior: a slice holds at most so many ballots', async () => {
    await smallPlan(folder, { stages: [{ ratePerS: 100, durationMs: 1000 }] })
    const feeder = open({ value: 0 }, { sliceBallotsMax: 7 })
    feeder.start(0)
    expect(feeder.k6.take().handOver.count).toBe(7)
  })

  test.each([2, 10, 97, 500, 501])(
    'behavior: each %i-th ballot is the probe’s, all others are k6’s',
    async (probeEveryBallots) => {
      await smallPlan(folder, { stages: [{ ratePerS: 50, durationMs: 10_000 }] })
      const feeder = open({ value: 0 }, { probeEveryBallots })
      feeder.start(0)
      const [probe, k6] = [ballotsOf(feeder.probe), ballotsOf(feeder.k6)]
      expect(probe).toHaveLength(Math.floor(500 / probeEveryBallots))
      expect(probe.every((ballot) => (ballot + 1) % probeEveryBallots === 0)).toBe(true)
      const all = [...probe, ...k6].toSorted((left, right) => left - right)
      expect(all).toEqual(Array.from({ length: 500 }, (_, ballot) => ballot))
      expect(feeder.state().handed).toBe(500)
    },
  )

  test('behavior: without a probe nothing is kept for it', async () => {
    await smallPlan(folder, { stages: [{ ratePerS: 10, durationMs: 1000 }] })
    const feeder = open({ value: 0 })
    feeder.start(0)
    expect(feeder.probe.dueAtMs()).toBe('end')
  })

  test('behavior: past the overtime the rest stays unsent', async () => {
    await smallPlan(folder, { stages: [{ ratePerS: 10, durationMs: 10_000 }] })
    const nowMs = { value: 14_999 }
    const feeder = open(nowMs)
    feeder.start(0)
    expect(feeder.k6.dueAtMs()).toBeLessThan(10_000)
    nowMs.value = 15_001
    expect(feeder.k6.dueAtMs()).toBe('end')
  })

  test('error: spool and instants of different plans', async () => {
    await smallPlan(folder, { stages: [{ ratePerS: 10, durationMs: 1000 }] })
    const file = openSync(join(folder, Plan.FILES.instants), 'r+')
    ftruncateSync(file, 8)
    closeSync(file)
    expect(() => open({ value: 0 })).toThrow(Feeder.CountMismatchError)
  })
})

async function takeAll(url: string): Promise<number[]> {
  const firsts: number[] = []
  for (;;) {
    const response = await fetch(`${url}/slice`)
    if (response.status === 204) return firsts
    const slice = Slice.decode(await response.arrayBuffer())
    if (slice.ballots.length > 0) firsts.push(slice.first)
  }
}

/** The most memory that a feeder took for twenty slices of a spool of that many ballots. */
async function peakBytes(count: number): Promise<number> {
  const planFolder = join(folder, String(count))
  await sparsePlan(planFolder, count)
  const feeder = await Rig.feeder(planFolder, { startAtMs: 0, overtimeMs: 600_000 })
  for (let taken = 0; taken < 20; taken += 1) {
    await (await fetch(`${feeder.url}/slice`)).arrayBuffer()
  }
  const status = readFileSync(`/proc/${feeder.child.pid}/status`, 'utf8')
  await feeder.stop()
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024
}

describe('feeder process', () => {
  test('default: several takers share the plan, each hand-over is recorded, SIGTERM ends it', async () => {
    const { plan } = await smallPlan(folder, { stages: [{ ratePerS: 100, durationMs: 1500 }] })
    const feeder = await Rig.feeder(folder)
    endings.push(feeder.stop)
    const taking = Promise.all([takeAll(feeder.url), takeAll(feeder.url), takeAll(feeder.url)])
    await Rig.begin(feeder.url, 0)
    const firsts = (await taking).flat().toSorted((left, right) => left - right)
    const handOvers = Rig.handOvers(folder)
    expect(handOvers.map(({ first }) => first)).toEqual(firsts)
    expect(handOvers.reduce((sum, { count }) => sum + count, 0)).toBe(plan.ballotCount)
    const metrics = await (await fetch(`${feeder.url}/metrics`)).text()
    expect(metrics).toContain(`ballotstorm_feeder_ballots_handed_total ${plan.ballotCount}`)
    expect(metrics).toContain(`ballotstorm_feeder_slices_total ${firsts.length}`)
    expect(await feeder.stop()).toBe(0)
  })

  test('behavior: SIGTERM releases those who wait; what was not handed has no line', async () => {
    await smallPlan(folder, { stages: [{ ratePerS: 10, durationMs: 60_000 }] })
    const feeder = await Rig.feeder(folder, { startAtMs: Date.now() + 60_000 })
    const taking = takeAll(feeder.url)
    await Rig.sleep(300)
    expect(await feeder.stop()).toBe(0)
    expect(await taking).toEqual([])
    expect(Rig.handOvers(folder)).toEqual([])
  })

  test('behavior: a taker who left takes no ballots along', async () => {
    await smallPlan(folder, { stages: [{ ratePerS: 100, durationMs: 1000 }] })
    const feeder = await Rig.feeder(folder)
    endings.push(feeder.stop)
    const leaving = new AbortController()
    const left = fetch(`${feeder.url}/slice`, { signal: leaving.signal }).catch(() => 'left')
    await Rig.sleep(200)
    leaving.abort()
    expect(await left).toBe('left')
    await fetch(`${feeder.url}/start`, { method: 'POST', body: '{"startAtMs":0}' })
    await Rig.sleep(300)
    expect(Rig.handOvers(folder)).toEqual([])
  })

  test('error: all problems of a configuration at once, exit code 104', async () => {
    const feeder = Rig.start('scenarios/load/feeder/main.ts', join(folder, 'bad.json'), {
      planFolder: '',
      sliceMs: 1,
      surplus: true,
    })
    const message = String(await feeder.catch((error: unknown) => error))
    for (const part of ['104', '/planFolder', '/sliceMs', 'surplus', 'historyFile']) {
      expect(message).toContain(part)
    }
    expect(message).not.toContain('    at ')
  })

  test('error: a start without an instant is refused', async () => {
    await smallPlan(folder, { stages: [{ ratePerS: 10, durationMs: 1000 }] })
    const feeder = await Rig.feeder(folder)
    endings.push(feeder.stop)
    const response = await fetch(`${feeder.url}/start`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(400)
  })

  test('behavior: memory does not grow with the spool', async () => {
    const small = await peakBytes(10_000)
    const large = await peakBytes(1_000_000)
    expect(large / small).toBeLessThan(1.25)
  })
})

/** A plan of that many empty ballots, a hundred at each ms, that takes next to no disk. */
async function sparsePlan(planFolder: string, count: number): Promise<void> {
  const { plan } = await smallPlan(planFolder, { stages: [{ ratePerS: 1, durationMs: 1000 }] })
  const spoolFile = join(planFolder, Plan.FILES.spool)
  const header = Spool.verify(spoolFile)
  const spool = openSync(spoolFile, 'w')
  // Nobody verifies the digests of the blocks here.
  const digests = Buffer.alloc(Spool.blockCount(count) * Spool.DIGEST_SIZE_BYTES)
  Spool.seal(spool, header, count, digests)
  closeSync(spool)
  const instants = openSync(join(planFolder, Plan.FILES.instants), 'w')
  ftruncateSync(instants, count * 8)
  closeSync(instants)
  const text = JSON.stringify({ ...plan, stormMs: Date.now(), ballotCount: count })
  const file = openSync(join(planFolder, Plan.FILES.plan), 'w')
  writeSync(file, text)
  closeSync(file)
}
