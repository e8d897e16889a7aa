import { describe, expect, test } from 'vitest'

import { plannedFault } from '../../../scripts/options/fault.ts'

describe('plannedFault', () => {
  test('default', () => {
    expect(plannedFault.parse('pause:validator-2@1.5s+300ms')).toEqual({
      value: expect.objectContaining({
        name: 'pause',
        part: 'validator-2',
        atMs: 1500,
        lastsMs: 300,
      }),
    })
  })

  test.each([
    ['pause', 'says no fault, part and times; write for example pause:relayer@2s+3s'],
    ['pause:relayer@2s', 'says no fault, part and times'],
    ['freeze:relayer@2s+3s', '"freeze" is no fault; there are kill, pause'],
    ['pause:relayer@2+3s', '"2" is no time'],
    ['pause:relayer@2s+long', '"long" is no time'],
  ])('error: %s', (word, problem) => {
    expect(plannedFault.parse(word)).toEqual({ problems: [expect.stringContaining(problem)] })
  })
})
