import { describe, expect, test } from 'vitest'

import { refusalReason } from '../../../metrics/books/refusalReason.ts'
import * as Tally from '../../../metrics/books/Tally.ts'

type Answer = [path: 'api' | 'rpc', status: number, body: unknown]

describe('refusalReason', () => {
  test.each<[what: string, answer: Answer, reason: string]>([
    [
      'the code of the API, without its words',
      ['api', 403, { code: 'CLOSED', message: 'no' }],
      'CLOSED',
    ],
    ['nothing in it', ['api', 429, {}], 'HTTP 429'],
    ['a list', ['api', 400, [1]], 'HTTP 400'],
    ['null', ['api', 400, null], 'HTTP 400'],
    ['a number', ['api', 400, 7], 'HTTP 400'],
    ['a code that is no word', ['api', 400, { code: { a: 1 } }], 'HTTP 400'],
    ['a code that is a number', ['api', 400, { code: 12 }], '12'],
    [
      'code and words of a node',
      ['rpc', 200, { error: { code: -32000, message: 'nonce too low' } }],
      '-32000 nonce too low',
    ],
    ['words alone', ['rpc', 200, { error: { message: 'already known' } }], 'already known'],
    ['an error that is a word', ['rpc', 500, { error: 'no' }], 'HTTP 500'],
    ['an API’s answer from a node', ['rpc', 500, { code: 'CLOSED' }], 'HTTP 500'],
    ['a node’s answer from an API', ['api', 500, { error: { code: 1 } }], 'HTTP 500'],
    ['what a page could show wrongly', ['api', 400, { code: '<script>' }], 'HTTP 400'],
    ['its beginning where that is clean', ['api', 400, { code: 'BAD<b>' }], 'BAD'],
    ['all that a code is made of', ['api', 400, { code: 'A_1 .:*+-z' }], 'A_1 .:*+-z'],
  ])('default: %s', (_, [path, status, body], reason) => {
    expect(refusalReason(path, status, JSON.stringify(body))).toBe(reason)
  })

  test('behavior: no JSON, and a long one', () => {
    expect(refusalReason('api', 502, '<html>')).toBe('HTTP 502')
    const code = 'x'.repeat(61)
    expect(refusalReason('api', 400, JSON.stringify({ code }))).toBe('x'.repeat(60))
  })
})

describe('Tally.compare', () => {
  test('default: the same, also where one names options that nobody chose', () => {
    expect(Tally.compare(1, [1, 2], [1, 2])).toBeUndefined()
    expect(Tally.compare(1, [1, 2, 0], [1, 2])).toBeUndefined()
    expect(Tally.compare(1, [], [0])).toBeUndefined()
  })

  test('behavior: every option that differs is named, with both', () => {
    expect(Tally.compare(7, [1, 2, 3], [1, 3])).toEqual({
      kind: 'tallyMismatch',
      pollId: 7,
      message:
        'The published tally of poll 7 is not the recount: option 1 2 against 3, option 2 3 against 0.',
      evidence: { tally: '1,2,3', recount: '1,3' },
    })
    expect(Tally.compare(7, [1], [1, 4])?.message).toContain('option 1 0 against 4.')
  })
})
