import { describe, expect, test } from 'vitest'

import * as Outcome from '../../../scenarios/load/Outcome.ts'
import * as Patience from '../../../scenarios/load/k6/Patience.ts'

const HASH = `{"jsonrpc":"2.0","id":1,"result":"0x${'ab'.repeat(32)}"}`
const PATIENCE = { attemptsMax: 5, timeoutMs: 3000, backoffMs: 200 }

describe('Outcome.ofAttempt', () => {
  test.each([
    ['relayed', 202, '{}', 'acknowledged'],
    ['relayed', 200, '{}', 'refused'],
    ['relayed', 409, '', 'refused'],
    ['relayed', 503, '', 'refused'],
    ['relayed', 500, '', 'indeterminate'],
    ['relayed', 502, '', 'indeterminate'],
    ['relayed', 0, '1050 request timeout', 'indeterminate'],
    ['direct', 200, HASH, 'acknowledged'],
    ['direct', 200, '{"error":{"code":-32000,"message":"already known"}}', 'acknowledged'],
    [
      'direct',
      200,
      '{"error":{"code":-32003,"message":"transaction already imported"}}',
      'acknowledged',
    ],
    ['direct', 200, '{"error":{"code":-32000,"message":"txpool is full"}}', 'refused'],
    ['direct', 200, '{"jsonrpc":"2.0","id":1,"result":null}', 'indeterminate'],
    ['direct', 200, 'not JSON', 'indeterminate'],
    ['direct', 502, '', 'indeterminate'],
    ['direct', 202, HASH, 'refused'],
  ] as const)('default: %s %i %s is %s', (path, status, body, outcome) => {
    expect(Outcome.ofAttempt(path, status, body)).toBe(outcome)
  })
})

describe('Outcome.join', () => {
  test('default: acknowledged outweighs indeterminate, indeterminate outweighs refused, in any order', () => {
    const outcomes = ['acknowledged', 'indeterminate', 'refused'] as const
    const table = outcomes.map((left) => outcomes.map((right) => Outcome.join(left, right)))
    expect(table).toEqual([
      ['acknowledged', 'acknowledged', 'acknowledged'],
      ['acknowledged', 'indeterminate', 'indeterminate'],
      ['acknowledged', 'indeterminate', 'refused'],
    ])
  })
})

function pauseMs(
  path: Outcome.Path,
  attempt: number,
  status: number,
  more: { body?: string; retryAfter?: string } = {},
) {
  const body = more.body ?? ''
  const outcome = Outcome.ofAttempt(path, status, body)
  return Patience.pauseMs(path, PATIENCE, attempt, {
    status,
    body,
    outcome,
    retryAfter: more.retryAfter,
  })
}

function error(message: string): string {
  return `{"error":{"code":-32000,"message":"${message}"}}`
}

describe('Patience.pauseMs', () => {
  test('default: doubled with each attempt, never longer than the voter waits for an answer', () => {
    expect([1, 2, 3, 4].map((attempt) => pauseMs('relayed', attempt, 0))).toEqual([
      200, 400, 800, 1600,
    ])
    const patience = { ...PATIENCE, attemptsMax: 20 }
    const answer = { status: 0, body: '', outcome: 'indeterminate' } as const
    expect(Patience.pauseMs('relayed', patience, 19, answer)).toBe(3000)
  })

  test('behavior: the last attempt is the last', () => {
    expect(pauseMs('relayed', 5, 0)).toBeUndefined()
  })

  test('behavior: what is definite is not repeated', () => {
    expect([202, 409, 410, 422, 403].map((status) => pauseMs('relayed', 1, status))).toEqual(
      Array.from({ length: 5 }),
    )
  })

  test('behavior: Retry-After prolongs the pause, within the patience; a date is not understood', () => {
    expect(pauseMs('relayed', 1, 503, { retryAfter: '2' })).toBe(2000)
    expect(pauseMs('relayed', 1, 503, { retryAfter: '60' })).toBe(3000)
    expect(pauseMs('relayed', 3, 503, { retryAfter: '0' })).toBe(800)
    expect(pauseMs('relayed', 1, 503, { retryAfter: 'Sun, 22 Nov 2026 16:00:00 GMT' })).toBe(200)
  })

  test('behavior: a full pool is worth another node, a wrong nonce is not', () => {
    expect(pauseMs('direct', 1, 200, { body: error('txpool is full') })).toBe(200)
    expect(pauseMs('direct', 1, 200, { body: error('nonce too low') })).toBeUndefined()
    expect(pauseMs('direct', 1, 200, { body: HASH })).toBeUndefined()
  })
})
