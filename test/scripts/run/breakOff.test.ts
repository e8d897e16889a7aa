import { describe, expect, test } from 'vitest'

import { DamagedError } from '../../../scenarios/ballots/Spool.ts'
import * as ExitCode from '../../../scripts/ExitCode.ts'
import { SILENT } from '../../../scripts/Progress.ts'
import { breakOff } from '../../../scripts/run/breakOff.ts'

function told(error: unknown): string[] {
  const notes: string[] = []
  const progress = { ...SILENT, note: (text: string) => void notes.push(text) }
  expect(breakOff({ folder: 'runs/a', progress }, error)).toBe(ExitCode.SCENARIO_THREW)
  return notes
}

describe('breakOff', () => {
  test('default', () => {
    const [what, where] = told(new DamagedError('a.bin', 7, 'torn'))
    expect(what).toBe('The spool a.bin is damaged at byte 7: torn. Presign the spool again.')
    expect(where).toContain('runs/a')
  })

  test('behavior: of a bug the stack is told, and that it is one', () => {
    const [what] = told(new TypeError('no such field'))
    expect(what).toMatch(/^TypeError: no such field\n {4}at .*breakOff\.test\.ts/)
    expect(what).toContain('it is a bug of ballotstorm')
  })
})
