import { describe, expect, test } from 'vitest'

import { classifyExits, cpuSOf } from '../../../metrics/verdict/parts.ts'

/** One second of each part, two of each second one, and a hundred of a stranger. */
const CPU = {
  validator: 1,
  'validator-12': 2,
  observer: 1,
  anvil: 1,
  api: 1,
  'api-2': 2,
  relayer: 1,
  postgres: 1,
  k6: 1,
  probe: 1,
  feeder: 1,
  resender: 1,
  attacker: 1,
  witness: 1,
  watchdog: 1,
  harness: 1,
  prometheus: 1,
  'postgres-x': 100,
  'relayer-2-old': 100,
}

describe('cpuSOf', () => {
  test.each([
    ['node', 5],
    ['system', 5],
    ['generator', 5],
    ['observer', 3],
    ['monitor', 1],
  ] as const)('default: %s', (role, seconds) => {
    expect(cpuSOf(CPU, role)).toBe(seconds)
    expect(cpuSOf({}, role)).toBe(0)
  })
})

describe('classifyExits', () => {
  test.each([
    ['validator', 'system'],
    ['observer', 'system'],
    ['anvil', 'system'],
    ['api', 'system'],
    ['relayer-12', 'system'],
    ['postgres', 'system'],
    ['k6', 'harness'],
    ['probe', 'harness'],
    ['feeder', 'harness'],
    ['resender', 'harness'],
    ['attacker', 'harness'],
    ['witness', 'harness'],
    ['watchdog', 'harness'],
    ['harness', 'harness'],
    ['prometheus', 'nobody'],
    ['prometheus-2', 'nobody'],
    ['a stranger', 'system'],
  ])('behavior: the end of %s is told of %s', (name, whose) => {
    const text = `${name} (SIGKILL)`
    expect(classifyExits([{ name, text }])).toEqual({
      systemExits: whose === 'system' ? [text] : [],
      harnessExits: whose === 'harness' ? [text] : [],
    })
  })
})
