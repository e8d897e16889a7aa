import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as CastOrder from '../../../scenarios/schedule/CastOrder.ts'
import * as Instants from '../../../scenarios/schedule/Instants.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import { DOMAIN, smallPlan } from './smallPlan.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-plan-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const STAGES = [{ ratePerS: 20, durationMs: 2000 }]

function file(name: keyof typeof Plan.FILES): string {
  return join(folder, Plan.FILES[name])
}

function spoolFile(): string {
  return join(folder, 'ready.bin')
}

/** Signs ballots ahead, into {@link spoolFile}. */
async function presigned(options: Parameters<typeof smallPlan>[1]): Promise<void> {
  const other = mkdtempSync(join(tmpdir(), 'ballotstorm-plan-'))
  await smallPlan(other, options)
  writeFileSync(spoolFile(), readFileSync(join(other, Plan.FILES.spool)))
  rmSync(other, { recursive: true })
}

/** Changes one byte in the middle of a file. */
function spoil(name: keyof typeof Plan.FILES): void {
  const bytes = readFileSync(file(name))
  const middle = Math.floor(bytes.length / 2) + 600
  bytes.writeUInt8(
    (bytes.readUInt8(Math.min(middle, bytes.length - 1)) + 1) % 256,
    Math.min(middle, bytes.length - 1),
  )
  writeFileSync(file(name), bytes)
}

describe('makePlan', () => {
  test('default: a folder that says what it holds', async () => {
    const { plan, isReused } = await smallPlan(folder, { stages: STAGES })
    expect(isReused).toBe(false)
    expect(Plan.read(folder)).toEqual(plan)
    expect(plan).toMatchObject({ ballotCount: 40, stormMs: 2000, electorate: { size: 2000 } })
    expect(plan.segment).toEqual({ index: 1, of: 1 })
    expect(Spool.verify(file('spool'))).toMatchObject({
      count: 40,
      sha256: plan.spoolSha256,
      orderDigest: CastOrder.digest(Plan.read(folder).order),
    })
    expect(Instants.digest(file('instants'))).toBe(plan.instantsSha256)
    const instants = Instants.open(file('instants'))
    expect(instants.count).toBe(40)
    expect(instants.read(38, 10)).toHaveLength(2)
    expect(instants.read(0, 1)[0]).toBeGreaterThanOrEqual(0)
    instants.close()
  })

  test('behavior: the same seed twice gives the same bytes in every file', async () => {
    const other = mkdtempSync(join(tmpdir(), 'ballotstorm-plan-'))
    await smallPlan(folder, { stages: STAGES })
    await smallPlan(other, { stages: STAGES })
    for (const name of Object.values(Plan.FILES)) {
      expect(readFileSync(join(other, name)).equals(readFileSync(join(folder, name)))).toBe(true)
    }
    rmSync(other, { recursive: true })
  })

  test('behavior: a whole plan from the same inputs is used again', async () => {
    const first = await smallPlan(folder, { stages: STAGES })
    expect(await smallPlan(folder, { stages: STAGES })).toEqual({
      plan: first.plan,
      isReused: true,
    })
  })

  test.each([
    ['seed', { seed: 'other' }],
    ['path', { path: 'rpc' }],
    ['electorate', { electorateSize: 2001 }],
    ['stages', { stages: [{ ratePerS: 21, durationMs: 2000 }] }],
    ['chain', { domain: { ...DOMAIN, chainId: 8996 } }],
    ['contract', { domain: { ...DOMAIN, verifyingContract: `0x${'60'.repeat(20)}` } }],
    ['code', { codeHash: `0x${'12'.repeat(32)}` }],
    ['voter', { voter: { attemptsMax: 1, timeoutMs: 1000, backoffMs: 0 } }],
  ] as const)('behavior: another %s makes another plan', async (_, change) => {
    await smallPlan(folder, { stages: STAGES })
    const stages = 'stages' in change ? [...change.stages] : STAGES
    expect((await smallPlan(folder, { ...change, stages })).isReused).toBe(false)
  })

  test.each(['plan', 'spool', 'instants'] as const)(
    'behavior: a damaged %s is made anew',
    async (name) => {
      const first = await smallPlan(folder, { stages: STAGES })
      spoil(name)
      expect(await smallPlan(folder, { stages: STAGES })).toEqual({
        plan: first.plan,
        isReused: false,
      })
    },
  )

  test('behavior: a plan of zero ballots', async () => {
    const { plan } = await smallPlan(folder, { stages: [{ ratePerS: 0, durationMs: 1000 }] })
    expect(plan.ballotCount).toBe(0)
    expect(Spool.verify(file('spool')).count).toBe(0)
  })
})

describe('Plan.read', () => {
  test('error: none, and one of another form', () => {
    expect(() => Plan.read(folder)).toThrow(Plan.UnreadableError)
    writeFileSync(file('plan'), '{"schema":"ballotstorm/plan/0"}')
    expect(() => Plan.read(folder)).toThrow(Plan.UnreadableError)
  })
})

describe('Instants.open', () => {
  test('error: a file that ends within an instant', () => {
    writeFileSync(file('instants'), Buffer.alloc(12))
    expect(() => Instants.open(file('instants'))).toThrow(Instants.MalformedError)
  })

  describe('with a spool that was signed before', () => {
    test('default: the ballots are those of the spool, byte for byte', async () => {
      await presigned({ stages: STAGES })
      const { plan } = await smallPlan(folder, { stages: STAGES, spoolFile: spoolFile() })
      expect(readFileSync(file('spool')).equals(readFileSync(spoolFile()))).toBe(true)
      expect(plan.spoolSha256).toBe(Spool.verify(spoolFile()).sha256)
    })

    test('error: names every field in which the spool is another one', async () => {
      await presigned({ stages: STAGES })
      const domain = { ...DOMAIN, chainId: 8996 }
      const wanted = { stages: STAGES, seed: 'other', domain, spoolFile: spoolFile() }
      const refusal = smallPlan(folder, wanted)
      await expect(refusal).rejects.toMatchObject({ code: 'SPOOL_FOREIGN' })
      await expect(refusal).rejects.toThrow(/seed is [^]*chainId is 8995, this run needs 8996/)
    })

    test('error: a damaged spool is refused, not signed anew', async () => {
      await presigned({ stages: STAGES })
      const bytes = readFileSync(spoolFile())
      writeFileSync(spoolFile(), bytes.subarray(0, bytes.length - 1))
      const plan = smallPlan(folder, { stages: STAGES, spoolFile: spoolFile() })
      await expect(plan).rejects.toThrow(/ready\.bin/)
    })
  })

  test('behavior: the segments of a plan are its ballots and instants, each once', async () => {
    const all = await smallPlan(folder, { stages: STAGES })
    const whole = instantsOf(folder)
    const parts = []
    for (const index of [1, 2, 3]) {
      const other = mkdtempSync(join(tmpdir(), 'ballotstorm-plan-'))
      const { plan } = await smallPlan(other, { stages: STAGES, segment: { index, of: 3 } })
      expect(plan.segment).toEqual({ index, of: 3 })
      expect(plan.ballotCount).toBe(index === 1 ? 14 : 13)
      expect(instantsOf(other)).toEqual(whole.filter((_, ballot) => ballot % 3 === index - 1))
      parts.push(plan)
      rmSync(other, { recursive: true })
    }
    expect(parts.reduce((sum, { ballotCount }) => sum + ballotCount, 0)).toBe(all.plan.ballotCount)
    expect(Plan.describe(parts[1] ?? all.plan)).toBe('share 2 of 3 of 20/s for 2 s')
  })
})

function instantsOf(planFolder: string): number[] {
  const instants = Instants.open(join(planFolder, Plan.FILES.instants))
  try {
    return [...instants.read(0, instants.count)]
  } finally {
    instants.close()
  }
}
