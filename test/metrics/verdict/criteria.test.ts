import { describe, expect, test } from 'vitest'

import { amount } from '../../../metrics/verdict/amount.ts'
import { criteria, type Measured } from '../../../metrics/verdict/criteria.ts'

const MEASURED: Measured = {
  planned: 1000,
  unsent: 0,
  silent: 0,
  lateMsP99: 0,
  answerMsP99: 0,
  probe: { answerMs: { p99: 0, count: 20 }, timerLateMsP99: 0 },
  machine: { stealShare: 0, foreignCpuShare: 0, clockDriftMsMax: 0 },
  counterDeviation: 0,
}

type Name = keyof ReturnType<typeof criteria>

/** Each bound with its unit, and what measures so much of it. */
const BOUNDS: [Name, string, number, (value: number | null) => Partial<Measured>][] = [
  ['lateMsP99', 'ms', 250, (lateMsP99) => ({ lateMsP99 })],
  ['answerMsP99', 'ms', 1000, (answerMsP99) => ({ answerMsP99 })],
  [
    'probeAnswerMsP99',
    'ms',
    1000,
    (p99) => ({ probe: { answerMs: { p99, count: 20 }, timerLateMsP99: 0 } }),
  ],
  [
    'probeLateMsP99',
    'ms',
    250,
    (timerLateMsP99) => ({ probe: { ...MEASURED.probe, timerLateMsP99 } }),
  ],
  ['counterDeviation', 'share', 0.02, (counterDeviation) => ({ counterDeviation })],
]

/** Those that are always known. */
const KNOWN: [Name, string, number, (value: number) => Partial<Measured>][] = [
  [
    'clockDriftMsMax',
    'ms',
    50,
    (clockDriftMsMax) => ({ machine: { ...MEASURED.machine, clockDriftMsMax } }),
  ],
  ['stealShare', 'share', 0.05, (stealShare) => ({ machine: { ...MEASURED.machine, stealShare } })],
  [
    'foreignCpuShare',
    'share',
    0.1,
    (foreignCpuShare) => ({ machine: { ...MEASURED.machine, foreignCpuShare } }),
  ],
]

describe('criteria', () => {
  test.each([...BOUNDS, ...KNOWN])(
    'default: %s is in %s, kept up to %s and no further',
    (name, unit, limit, of) => {
      const at = criteria({ ...MEASURED, ...of(limit) })[name]
      expect(at).toMatchObject({ unit, limit, measured: limit, met: true })
      expect(at.name).not.toBe('')
      const beyond = limit * 1.001
      expect(criteria({ ...MEASURED, ...of(beyond) })[name]).toMatchObject({ met: false })
    },
  )

  test.each(BOUNDS)(
    'behavior: %s without a sample is neither met nor missed',
    (name, _, __, of) => {
      expect(criteria({ ...MEASURED, ...of(null) })[name]).toMatchObject({
        measured: null,
        met: null,
      })
    },
  )

  test('behavior: what did not leave and what left no trace count together', () => {
    const { unsentShare } = criteria({ ...MEASURED, planned: 2000, unsent: 1, silent: 1 })
    expect(unsentShare).toMatchObject({ unit: 'share', limit: 0.001, measured: 0.001, met: true })
    const more = criteria({ ...MEASURED, planned: 2000, unsent: 1, silent: 2 }).unsentShare
    expect(more).toMatchObject({ measured: 0.0015, met: false })
  })

  test('behavior: where nothing was planned nobody can tell what was not sent', () => {
    const { unsentShare } = criteria({ ...MEASURED, planned: 0 })
    expect(unsentShare).toMatchObject({ measured: null, met: null })
  })

  test('behavior: 19 answers of the probe say nothing', () => {
    const probe = { answerMs: { p99: 5000, count: 19 }, timerLateMsP99: 0 }
    const { probeAnswerMsP99 } = criteria({ ...MEASURED, probe })
    expect(probeAnswerMsP99).toMatchObject({ measured: null, met: null })
  })
})

describe('amount', () => {
  test.each([
    [1234.5, 'ms', '1,235 ms'],
    [0.0625, 'share', '6.3 %'],
    [7, 'ballots', '7 ballots'],
    [null, 'ms', 'nothing'],
    [null, 'share', 'nothing'],
  ])('default: %s in %s', (value, unit, text) => {
    expect(amount(value, unit)).toBe(text)
  })
})
