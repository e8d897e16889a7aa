import { globSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import * as Report from '../../../scripts/mutants/Report.ts'
import { ROOMS } from '../../../scripts/mutants/rooms.ts'

type Mutant = { status: string; mutatorName?: string; line?: number; replacement?: string }

function report(files: Record<string, Mutant[]>): Report.Report {
  const entries = Object.entries(files).map(([path, mutants]) => [
    path,
    {
      source: 'first\n  second line\nthird',
      mutants: mutants.map(({ mutatorName = 'Regex', line = 2, ...mutant }) => ({
        mutatorName,
        location: { start: { line, column: 1 }, end: { line, column: 2 } },
        ...mutant,
      })),
    },
  ])
  return Report.read(JSON.stringify({ schemaVersion: '1', files: Object.fromEntries(entries) }))
}

const MIXED = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored', 'RuntimeError']

describe('score', () => {
  test('default: what no test reaches has survived; what was left out by rule does not count', () => {
    const mixed = report({
      'a.ts': MIXED.map((status) => ({ status })),
      'b.ts': [{ status: 'Killed' }],
    })
    expect(Report.score(mixed)).toEqual({ killed: 3, survived: 2 })
    expect(Report.shareOf({ killed: 3, survived: 2 })).toBe(0.6)
    expect(Report.shareOf(Report.score(report({})))).toBe(1)
  })
})

describe('survivors', () => {
  const told = report({
    'b.ts': [{ status: 'NoCoverage', line: 3 }],
    'a.ts': [
      { status: 'Survived', replacement: `x${'\n y'.repeat(50)}` },
      { status: 'Survived', mutatorName: 'BlockStatement', replacement: '{}' },
      { status: 'Survived', replacement: '""' },
      { status: 'Killed' },
    ],
  })

  test('default: each with its line and what was put there, by file', () => {
    const [long, ...others] = Report.survivors(told, true)
    expect(long).toMatch(/^a\.ts:2 Regex: `second line` → `x y y [y ]+…`$/)
    expect(others).toEqual([
      'a.ts:2 BlockStatement: `second line` → `{}`',
      'a.ts:2 Regex: `second line` → `""`',
      'b.ts:3 Regex: `third` → ``',
    ])
  })

  test('behavior: or one line for each file and kind, with the count', () => {
    expect(Report.survivors(told, false)).toEqual([
      'a.ts BlockStatement: 1',
      'a.ts Regex: 2',
      'b.ts Regex: 1',
    ])
  })
})

describe('portable', () => {
  test('default: folders and what a failed test said are left out, everything else stays', () => {
    const mutant = { id: '1', statusReason: 'no', status: 'Killed' }
    const told = { projectRoot: 'here', files: { a: { mutants: [mutant] } } }
    expect(JSON.parse(Report.portable(JSON.stringify(told)))).toEqual({
      files: { a: { mutants: [{ id: '1', status: 'Killed' }] } },
    })
  })
})

describe('read', () => {
  test.each(['{}', '{"files":{"a.ts":{}}}', '[]'])('error: %s is no report', (text) => {
    expect(() => Report.read(text)).toThrow(TypeError)
  })
})

describe('ROOMS', () => {
  test.each(ROOMS)(
    'behavior: $name has files and tests, and no file twice',
    ({ mutate, tests }) => {
      const files = globSync(mutate.filter((glob) => !glob.startsWith('!')))
      expect(files.length).toBeGreaterThan(0)
      expect(new Set(files).size).toBe(files.length)
      expect(globSync(tests).length).toBeGreaterThan(0)
    },
  )
})
