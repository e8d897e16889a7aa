import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Report from '../../../scenarios/attacks/Report.ts'

let file: string
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'ballotstorm-attack-')), 'attack.json')
})
afterEach(() => rmSync(join(file, '..'), { recursive: true }))

describe('read', () => {
  test('default: what was written, for people too', () => {
    Report.write(file, { 0: 2, 422: 31 })
    const report = Report.read(file)
    expect(report).toEqual({ 0: 2, 422: 31 })
    expect(Report.describe(report ?? {})).toBe('none 2 times, 422 31 times')
  })

  test.each([undefined, '', '{"422": 3', '{"422": -1}', '{"often": 3}'])('error: %j', (text) => {
    if (text !== undefined) writeFileSync(file, text)
    expect(Report.read(file)).toBeUndefined()
  })
})
