import { describe, expect, test } from 'vitest'

import { criteria, type Measured } from '../../../metrics/verdict/criteria.ts'
import { validity, type Evidence } from '../../../metrics/verdict/validity.ts'
import { verdict, type Inputs } from '../../../metrics/verdict/verdict.ts'
import * as Runs from '../../fixtures/runs.ts'

const COUNTS = Runs.passed().counts
const MEASURED: Measured = {
  planned: 5520,
  unsent: 0,
  silent: 0,
  lateMsP99: 10,
  answerMsP99: 20,
  probe: { answerMs: { p99: 20, count: 20 }, timerLateMsP99: 1 },
  machine: { stealShare: 0, foreignCpuShare: 0, clockDriftMsMax: 0 },
  counterDeviation: 0,
}
const MISSED = { name: 'time', unit: 'ms', limit: 1, measured: 2, met: false }

type Changes = {
  measured?: Partial<Measured>
  counts?: Partial<typeof COUNTS>
  books?: Partial<Evidence['books']>
} & Partial<Omit<Evidence, 'books' | 'criteria'>>

/** Why a run is not to be believed, one reason a line. */
function why({ measured, counts, books, ...changes }: Changes): string {
  return validity({
    books: { counts: { ...COUNTS, ...counts }, silentCount: 0, problems: [], ...books },
    criteria: criteria({ ...MEASURED, ...measured }),
    walSyncs: 1,
    harnessExits: [],
    interrupted: false,
    objectives: [],
    ...changes,
  }).reasons.join('\n')
}

describe('validity', () => {
  test.each<[string, Changes, RegExp]>([
    ['the clock', { measured: machine({ clockDriftMsMax: 51.4 }) }, /51 ms .*at most 50/],
    [
      'what was not sent',
      { counts: { unsent: 12 }, books: { silentCount: 7 }, measured: { unsent: 12, silent: 7 } },
      /12 ballots did not leave and 7 .*of 5520 \(at most 0\.1 %/,
    ],
    ['what left late', { measured: { lateMsP99: 251 } }, /p99 251 ms, at most 250.*p99 20 ms/],
    [
      'a k6 that was slow beside a quick probe',
      { measured: { answerMsP99: 1500 } },
      /after 1,500 ms \(p99, at most 1000\), the probe beside it after 20 ms/,
    ],
    [
      'a probe that was late itself',
      { measured: { answerMsP99: 1500, probe: { ...MEASURED.probe, timerLateMsP99: 300 } } },
      /after 1,500 ms \(p99, at most 1000\), and the probe was late itself \(p99 300 ms\)/,
    ],
    ['what a hypervisor took', taken({ stealShare: 0.0625 }), /hypervisor took 6\.3 % .*5\.0 %/],
    ['what others took', taken({ foreignCpuShare: 0.125 }), /took 12\.5 % .*10\.0 %/],
    ['who ended', { harnessExits: ['witness', 'k6'] }, /witness ended.*\nk6 ended/],
    ['what is damaged', { books: { problems: ['attempts.log: torn'] } }, /attempts\.log: torn/],
    ['what does not balance', { counts: { planned: 5521 } }, /do not balance: .*5,?521/],
  ])('default: %s is told in numbers', (_, changes, text) => {
    expect(why(changes)).toMatch(text)
  })

  test('behavior: a probe with too few answers is told apart from one that says nothing of itself', () => {
    const probe = { answerMs: { p99: 20, count: 19 }, timerLateMsP99: 1 }
    const few = why({ measured: { answerMsP99: 1500, probe } })
    const dumb = { ...MEASURED.probe, timerLateMsP99: null }
    const silent = why({ measured: { answerMsP99: 1500, probe: dumb } })
    expect(few).toContain('too few answers')
    expect(silent).toContain('nothing of itself')
  })

  test('behavior: one missed objective of two is enough for what others took to count', () => {
    const met = { ...MISSED, measured: 1, met: true }
    const changes = { measured: machine({ stealShare: 0.5 }), objectives: [met, MISSED] }
    expect(why(changes)).toContain('50.0 %')
  })

  test('behavior: what others took is told of a bound generator too', () => {
    const measured = { ...machine({ stealShare: 0.5 }), lateMsP99: 251 }
    expect(why({ measured })).toContain('50.0 %')
  })

  test('behavior: what was not planned cannot lack attempts, nor what was not attempted answers', () => {
    const none = { attempted: 0, acknowledged: 0, included: 0, final: 0 }
    expect(why({ counts: { ...none, planned: 0 } }).split('\n')).toEqual([
      expect.stringContaining('plan holds no ballot'),
    ])
    expect(why({ counts: { ...none, unsent: 5520 } }).split('\n')).toEqual([
      expect.stringContaining('attempted'),
    ])
  })
})

function machine(changes: Partial<Measured['machine']>): Partial<Measured> {
  return { machine: { ...MEASURED.machine, ...changes } }
}

function taken(changes: Partial<Measured['machine']>): Changes {
  return { measured: machine(changes), objectives: [MISSED] }
}

describe('verdict', () => {
  const clean: Inputs = {
    counts: { pending: 0 },
    findings: { count: 0 },
    systemExits: [],
    objectives: [],
    validity: { value: 'VALID', reasons: [] },
  }

  test.each<[string, Partial<Inputs>, (string | RegExp)[]]>([
    [
      'breaches first, then each part that fell',
      { findings: { count: 3 }, systemExits: ['api (1)', 'relayer (9)'] },
      [/ 3 /, /api \(1\)/, /relayer \(9\)/],
    ],
    [
      'why the run cannot be believed',
      { validity: { value: 'GENERATOR_BOUND', reasons: ['late'] } },
      [/GENERATOR_BOUND/, 'late'],
    ],
    ['how many are pending', { counts: { pending: 17 } }, [/17 acknowledged/]],
    [
      'which objective has no sample',
      { objectives: [{ ...MISSED, met: null }] },
      [/judge time by/],
    ],
  ])('default: it tells %s', (_, changes, reasons) => {
    const told = verdict({ ...clean, ...changes }).reasons
    expect(told).toHaveLength(reasons.length)
    for (const [index, reason] of reasons.entries()) expect(told[index]).toMatch(reason)
  })
})
