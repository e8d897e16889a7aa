import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import * as Marks from '../../../metrics/books/marks.ts'
import * as CanonicalChain from '../../../metrics/books/CanonicalChain.ts'

const BEGIN = '{"kind":"begin","fromBlock":1}'
const LOOK = '{"kind":"look","atMs":7}'

/** The last line of a file that holds these. */
function endOf(lines: readonly string[], change: { count?: number; sha256?: string } = {}): string {
  const digest = createHash('sha256')
  for (const line of lines) digest.update(`${line}\n`)
  return JSON.stringify({
    kind: 'end',
    count: lines.length,
    sha256: digest.digest('hex'),
    ...change,
  })
}

function problemOf(lines: readonly string[]): string | undefined {
  const marks = Marks.create()
  for (const line of lines) marks.enter(line, CanonicalChain.parse(line))
  return marks.problem()
}

describe('problem', () => {
  test('default: a whole file has none', () => {
    expect(problemOf([BEGIN, LOOK, LOOK, endOf([BEGIN, LOOK, LOOK])])).toBeUndefined()
    expect(problemOf([BEGIN, endOf([BEGIN])])).toBeUndefined()
  })

  test('behavior: a line that says nothing belongs to it too', () => {
    expect(problemOf([BEGIN, 'x', endOf([BEGIN, 'x'])])).toBeUndefined()
  })

  test.each<[string, string[], string]>([
    ['nothing', [], 'it is empty'],
    ['no beginning', [LOOK, endOf([LOOK])], 'its beginning is missing'],
    ['its beginning later', [LOOK, BEGIN, endOf([LOOK, BEGIN])], 'its beginning is missing'],
    ['two beginnings', [BEGIN, BEGIN, endOf([BEGIN, BEGIN])], 'the witness began twice'],
    ['no end', [BEGIN, LOOK], 'its end is missing'],
    ['something behind its end', [BEGIN, endOf([BEGIN]), LOOK], 'something stands behind its end'],
    ['a line less', [BEGIN, endOf([BEGIN, LOOK])], 'lines are missing or changed'],
    [
      'a line of the same length changed',
      [BEGIN, '{"kind":"look","atMs":8}', endOf([BEGIN, LOOK])],
      'lines are missing or changed',
    ],
    ['another count', [BEGIN, endOf([BEGIN], { count: 2 })], 'lines are missing or changed'],
    [
      'another digest',
      [BEGIN, endOf([BEGIN], { sha256: '0'.repeat(64) })],
      'lines are missing or changed',
    ],
    ['only its end', [endOf([])], 'its beginning is missing'],
  ])('behavior: %s', (_, lines, problem) => {
    expect(problemOf(lines)).toBe(problem)
  })

  test('behavior: lines swapped are changed', () => {
    const other = '{"kind":"look","atMs":8}'
    expect(problemOf([BEGIN, other, LOOK, endOf([BEGIN, LOOK, other])])).toBe(
      'lines are missing or changed',
    )
  })
})
