import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { readAll, readErrors, table } from '../scripts/errorTable.ts'

const ROOT = join(import.meta.dirname, '..')

/** Padding of cells is the formatter's. */
function plain(markdown: string): string {
  return markdown.replace(/ +/g, ' ').replace(/-{3,}/g, '---')
}

describe('errors of this project', () => {
  const { rows, strays } = readAll()

  test('behavior: each extends the one base', () => {
    expect(strays).toEqual([])
    expect(rows.length).toBeGreaterThan(80)
  })

  test('behavior: each has a code of its own, and an exit code', () => {
    const codes = rows.map(({ code }) => code)
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
    expect(rows.filter(({ exitCode }) => ![1, 104, 105, 107].includes(exitCode))).toEqual([])
  })

  test('behavior: ERRORS.md tells all of them; `npm run errors` makes it anew', () => {
    expect(plain(readFileSync(join(ROOT, 'ERRORS.md'), 'utf8'))).toBe(plain(table(rows)))
  })
})

describe('readErrors', () => {
  test('default', () => {
    const text = `/** Gone. */
export class GoneError extends BallotstormError {
  override readonly name = 'a.GoneError'
  readonly code = 'GONE'
  readonly exitCode = 107
  constructor() {
    super('Gone.')
  }
}
`
    expect(readErrors('a.ts', text)).toEqual({
      rows: [{ code: 'GONE', exitCode: 107, className: 'GoneError', file: 'a.ts', when: 'Gone.' }],
      strays: [],
    })
  })

  test.each([
    ['another base', `class A extends Error {\n  readonly code = 'A'\n}`],
    ['a base of JavaScript', `class A extends TypeError {\n  readonly code = 'A'\n}`],
    ['no code', `class A extends BallotstormError {\n}`],
  ])('error: planted: %s', (_, text) => {
    expect(readErrors('a.ts', text).strays).toEqual(['a.ts: A'])
  })
})
