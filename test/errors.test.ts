import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { holes, readAll, readErrors, table } from '../scripts/errorTable.ts'

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

  test('behavior: each says its code, exit code, when and remedy', () => {
    expect(holes(rows)).toEqual([])
  })

  test('behavior: each has a code of its own, and an exit code that is told', () => {
    const codes = rows.map(({ code }) => code)
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
    const exitCodes = ['1', '104', '105', '107', '122']
    expect(rows.filter(({ exitCode }) => !exitCodes.includes(exitCode))).toEqual([])
  })

  test('behavior: each remedy is one sentence', () => {
    const isSentence = /^[A-Z](?:[^.]|\.(?! ))*\.$/
    expect(rows.map(({ remedy }) => remedy).filter((text) => !isSentence.test(text))).toEqual([])
  })

  test('behavior: ERRORS.md tells all of them; `npm run errors` makes it anew', () => {
    expect(plain(readFileSync(join(ROOT, 'ERRORS.md'), 'utf8'))).toBe(plain(table(rows)))
  })
})

describe('readErrors', () => {
  const FIELDS = `readonly code = 'GONE'; readonly exitCode = 107; readonly remedy = 'Wait.'`
  const ROW = {
    code: 'GONE',
    className: 'A',
    file: 'a.ts',
    exitCode: '107',
    when: 'Gone.',
    remedy: 'Wait.',
  }

  test('default', () => {
    const text = `/** Gone. */
export class A extends BallotstormError {
  override readonly name = 'a.A'
  readonly code = 'GONE'
  readonly exitCode = 107
  readonly remedy = 'Wait.'
  constructor() {
    super('Gone.')
  }
}
`
    expect(readErrors({ 'a.ts': text })).toEqual({ rows: [ROW], strays: [] })
  })

  test.each([
    ['one line', `/** Gone. */ export class A extends BallotstormError { ${FIELDS} }`],
    ['generic', `/** Gone. */\nclass A<T extends object> extends BallotstormError { ${FIELDS} }`],
    [
      'an interface',
      `/** Gone. */\nclass A extends BallotstormError implements B, C { ${FIELDS} }`,
    ],
    ['several lines', `/**\n * Gone.\n */\nclass A\n  extends BallotstormError\n{ ${FIELDS} }`],
    ['default', `/** Gone. */\nexport default class A extends BallotstormError { ${FIELDS} }`],
    [
      'in a function',
      `function f() {\n  /** Gone. */\n  class A extends BallotstormError { ${FIELDS} } }`,
    ],
    [
      'a brace in a field',
      `/** Gone. */\nclass A extends BallotstormError { x = { y: '}' }; ${FIELDS} }`,
    ],
  ])('behavior: %s', (_, text) => {
    expect(readErrors({ 'a.ts': text })).toEqual({ rows: [ROW], strays: [] })
  })

  test('behavior: what the constructor puts into the remedy is left open', () => {
    const text = `/** Gone. */
class A extends BallotstormError {
  readonly code = 'GONE'
  readonly exitCode = 107
  readonly remedy: string
  constructor(name: string) {
    super('Gone.')
    this.remedy = \`Wait for \${name}.\`
  }
}`
    expect(readErrors({ 'a.ts': text }).rows).toEqual([{ ...ROW, remedy: 'Wait for ….' }])
  })

  test.each([
    ['another base', `class A extends Error { ${FIELDS} }`],
    ['a base of JavaScript', `class A extends TypeError { ${FIELDS} }`],
    ['a base by another name', `class A extends Base { ${FIELDS} }`],
    ['an error of ours as the base', `class A extends GoneError { ${FIELDS} }`],
    ['a made base', `class A extends mixed(BallotstormError) { ${FIELDS} }`],
    ['an expression', `const E = class A extends Error { ${FIELDS} }`],
    ['no code', `class A extends BallotstormError {}`],
    ['a code that only the run knows', `class A extends BallotstormError { code = String(1) }`],
  ])('error: planted: %s', (_, text) => {
    expect(readErrors({ 'a.ts': text })).toEqual({ rows: [], strays: ['a.ts: A'] })
  })

  test.each([
    ['when', `class A extends BallotstormError { ${FIELDS} }`],
    [
      'exitCode',
      `/** Gone. */\nclass A extends BallotstormError { code = 'GONE'; remedy = 'Wait.' }`,
    ],
    ['remedy', `/** Gone. */\nclass A extends BallotstormError { code = 'GONE'; exitCode = 107 }`],
  ])('error: planted: no %s', (column, text) => {
    expect(holes(readErrors({ 'a.ts': text }).rows)).toEqual([`GONE: ${column}`])
  })
})
