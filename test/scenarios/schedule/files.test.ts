import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Instants from '../../../scenarios/schedule/Instants.ts'
import * as Plan from '../../../scenarios/schedule/Plan.ts'
import * as Segment from '../../../scenarios/schedule/Segment.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-schedule-'))
  file = join(folder, Plan.FILES.instants)
})
afterEach(() => rmSync(folder, { recursive: true }))

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 0.5)
}

describe('Instants', () => {
  // A chunk holds 8,192 instants.
  test.each([0, 1, 8191, 8192, 8193, 20_000])(
    'default: %i instants are read as written',
    (count) => {
      const written = Instants.write(file, range(count))
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex')
      expect(written).toEqual({ count, sha256 })
      expect(Instants.digest(file)).toBe(sha256)
      const instants = Instants.open(file)
      expect(instants.count).toBe(count)
      expect(Array.from(instants.read(0, count))).toEqual(range(count))
      instants.close()
    },
  )

  test('behavior: any stretch can be read, and what lies behind the end is left out', () => {
    Instants.write(file, range(10))
    const instants = Instants.open(file)
    expect(Array.from(instants.read(3, 2))).toEqual([3.5, 4.5])
    expect(Array.from(instants.read(9, 5))).toEqual([9.5])
    expect(Array.from(instants.read(10, 1))).toEqual([])
    expect(Array.from(instants.read(12, 1))).toEqual([])
    expect(Array.from(instants.read(2, 0))).toEqual([])
    instants.close()
    expect(() => instants.read(0, 1)).toThrow('EBADF')
  })

  test('error: a file that holds half an instant, with its size', () => {
    writeFileSync(file, Buffer.alloc(8 * 3 + 4))
    expect(() => Instants.open(file)).toThrow(Instants.MalformedError)
    expect(() => Instants.open(file)).toThrow('28 bytes')
    expect(new Instants.MalformedError(file, 28)).toMatchObject({
      name: 'Instants.MalformedError',
      code: 'INSTANTS_MALFORMED',
      exitCode: 104,
    })
  })
})

describe('Segment', () => {
  test.each([
    ['1/1', { index: 1, of: 1 }],
    ['3/8', { index: 3, of: 8 }],
    ['8/8', { index: 8, of: 8 }],
    ['256/256', { index: 256, of: 256 }],
  ])('default: %s', (text, segment) => {
    expect(Segment.parse(text)).toEqual(segment)
  })

  test.each([
    '0/8',
    '9/8',
    '1/257',
    '257/257',
    '1/0',
    '-1/8',
    '3',
    '3/8/9',
    ' 3/8',
    '3/8 ',
    'a/b',
    '1/1000',
    '',
  ])('error: "%s" is no segment', (text) => {
    expect(() => Segment.parse(text)).toThrow(Segment.MalformedError)
    expect(() => Segment.parse(text)).toThrow(`"${text}"`)
  })

  test('error: it says what a segment looks like', () => {
    expect(new Segment.MalformedError('x')).toMatchObject({
      name: 'Segment.MalformedError',
      code: 'SEGMENT_MALFORMED',
      exitCode: 104,
      remedy: expect.stringContaining('3/8'),
    })
  })

  test.each([0, 1, 2, 7, 8, 9, 100])(
    'behavior: segments cover %i ballots without gap and overlap',
    (total) => {
      for (const of of [1, 2, 3, 8]) {
        const fired = Array.from({ length: of }, (_, at) => ({ index: at + 1, of })).flatMap(
          (segment) =>
            Array.from({ length: Segment.countOf(segment, total) }, (_, record) =>
              Segment.ballotAt(segment, record),
            ),
        )
        expect(fired.toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: total }, (_, ballot) => ballot),
        )
      }
    },
  )
})

const PLAN: Plan.Plan = {
  schema: Plan.SCHEMA,
  seed: 's',
  scenario: 'smoke',
  design: 'relayed',
  path: 'api',
  electorate: { size: 1 },
  polls: [
    { pollId: 1, question: 'Which?', options: ['a', 'b'], closesAfterMs: 1, sealsAfterCloseMs: 1 },
  ],
  order: { kind: 'uniform', seed: 's', voterCount: 1, polls: [{ pollId: 1, optionCount: 2 }] },
  segment: Segment.WHOLE,
  arrivals: { kind: 'stages', stages: [{ ratePerS: 1, durationMs: 1000 }] },
  stormMs: 1000,
  ballotCount: 1,
  voter: { attemptsMax: 1, timeoutMs: 100, backoffMs: 0 },
  spoolSha256: 'a'.repeat(64),
  instantsSha256: 'b'.repeat(64),
}

function write(plan: unknown): void {
  writeFileSync(join(folder, Plan.FILES.plan), JSON.stringify(plan))
}

describe('Plan', () => {
  test('behavior: a plan of another version is refused, so the version has a name that stays', () => {
    expect(Plan.SCHEMA).toBe('ballotstorm/plan/2')
  })

  test('default: what was written is read', () => {
    write(PLAN)
    expect(Plan.read(folder)).toEqual(PLAN)
  })

  test.each<[string, object]>([
    [
      'the greatest of everything',
      { voter: { attemptsMax: 20, timeoutMs: 120_000, backoffMs: 60_000 } },
    ],
    ['no ballot and no time', { ballotCount: 0, stormMs: 0 }],
  ])('behavior: %s is a plan', (_, change) => {
    write({ ...PLAN, ...change })
    expect(Plan.read(folder)).toMatchObject(change)
  })

  test.each<[string, object]>([
    ['/schema', { schema: 'ballotstorm/plan/1' }],
    ['/seed', { seed: '' }],
    ['/seed', { seed: 'x'.repeat(201) }],
    ['/scenario', { scenario: '' }],
    ['/design', { design: '' }],
    ['/path', { path: 'post' }],
    ['/electorate/size', { electorate: { size: 0 } }],
    ['/electorate', { electorate: { size: 1, more: 1 } }],
    ['/polls', { polls: [] }],
    ['/stormMs', { stormMs: -1 }],
    ['/ballotCount', { ballotCount: -1 }],
    ['/voter/attemptsMax', { voter: { ...PLAN.voter, attemptsMax: 0 } }],
    ['/voter/attemptsMax', { voter: { ...PLAN.voter, attemptsMax: 21 } }],
    ['/voter/timeoutMs', { voter: { ...PLAN.voter, timeoutMs: 99 } }],
    ['/voter/timeoutMs', { voter: { ...PLAN.voter, timeoutMs: 120_001 } }],
    ['/voter/backoffMs', { voter: { ...PLAN.voter, backoffMs: -1 } }],
    ['/voter/backoffMs', { voter: { ...PLAN.voter, backoffMs: 60_001 } }],
    ['/voter', { voter: { ...PLAN.voter, patience: 1 } }],
    ['/spoolSha256', { spoolSha256: `x${'a'.repeat(64)}` }],
    ['/spoolSha256', { spoolSha256: `${'a'.repeat(64)}a` }],
    ['/instantsSha256', { instantsSha256: `x${'a'.repeat(64)}` }],
    ['/instantsSha256', { instantsSha256: `${'a'.repeat(64)}a` }],
    ['additional', { more: 1 }],
    ['/segment', { segment: { index: 0, of: 1 } }],
    ['/segment', { segment: { index: 1, of: 257 } }],
    ['/segment', { segment: { index: 1, of: 1, more: 1 } }],
  ])('error: a plan of another form at %s', (at, change) => {
    write({ ...PLAN, ...change })
    expect(() => Plan.read(folder)).toThrow(Plan.UnreadableError)
    expect(() => Plan.read(folder)).toThrow(at)
  })

  test('error: no plan, and one that was cut', () => {
    expect(() => Plan.read(folder)).toThrow('ENOENT')
    writeFileSync(join(folder, Plan.FILES.plan), '{"schema":')
    expect(() => Plan.read(folder)).toThrow(Plan.UnreadableError)
    expect(() => Plan.read(folder)).toThrow('JSON')
    expect(new Plan.UnreadableError('f', 'torn')).toMatchObject({
      name: 'Plan.UnreadableError',
      code: 'PLAN_UNREADABLE',
      exitCode: 104,
    })
  })

  test('default: the load as one sentence, and of which share', () => {
    const { arrivals } = PLAN
    expect(Plan.describe({ arrivals })).toBe('1/s for 1 s')
    expect(Plan.describe({ arrivals, segment: { index: 1, of: 1 } })).toBe('1/s for 1 s')
    expect(Plan.describe({ arrivals, segment: { index: 3, of: 8 } })).toBe(
      'share 3 of 8 of 1/s for 1 s',
    )
  })
})
