import { describe, expect, test } from 'vitest'

import { castBallot } from '../../../scenarios/load/castBallot.ts'
import * as Outcome from '../../../scenarios/load/Outcome.ts'
import type { Path } from '../../../scenarios/ballots/Path.ts'
import * as RetryPolicy from '../../../scenarios/load/RetryPolicy.ts'

const HASH = `{"jsonrpc":"2.0","id":1,"result":"0x${'ab'.repeat(32)}"}`
const RETRY_POLICY = { attemptsMax: 5, timeoutMs: 3000, backoffMs: 200 }

describe('Outcome.ofAttempt', () => {
  test.each([
    ['api', 202, '{}', 'acknowledged'],
    ['api', 200, '{}', 'indeterminate'],
    ['api', 201, '', 'indeterminate'],
    ['api', 302, '', 'refused'],
    ['api', 303, '', 'indeterminate'],
    ['api', 399, '', 'indeterminate'],
    ['api', 400, '', 'refused'],
    ['api', 408, '', 'indeterminate'],
    ['api', 200, HASH, 'indeterminate'],
    ['api', 499, '', 'indeterminate'],
    ['api', 409, '', 'refused'],
    ['api', 503, '', 'refused'],
    ['api', 500, '', 'indeterminate'],
    ['api', 502, '', 'indeterminate'],
    ['api', 0, '1050 request timeout', 'indeterminate'],
    ['rpc', 200, HASH, 'acknowledged'],
    ['rpc', 200, '{"error":{"code":-32000,"message":"already known"}}', 'acknowledged'],
    [
      'rpc',
      200,
      '{"error":{"code":-32003,"message":"transaction already imported"}}',
      'acknowledged',
    ],
    ['rpc', 200, '{"error":{"code":-32000,"message":"txpool is full"}}', 'refused'],
    ['rpc', 200, '{"jsonrpc":"2.0","id":1,"result":null}', 'indeterminate'],
    ['rpc', 200, 'not JSON', 'indeterminate'],
    ['rpc', 502, '', 'indeterminate'],
    ['rpc', 202, HASH, 'indeterminate'],
    ['rpc', 408, '', 'indeterminate'],
  ] as const)('default: %s %i %s is %s', (path, status, body, outcome) => {
    expect(Outcome.ofAttempt(path, status, body)).toBe(outcome)
  })
})

/** Answers of clients, as they are known to come. */
describe('Outcome of a node that refuses', () => {
  test.each([
    [-32000, 'already known', 'acknowledged'],
    [-32000, `known transaction: ${'ab'.repeat(32)}`, 'acknowledged'],
    [-32000, 'Known transaction', 'acknowledged'],
    [-32010, 'AlreadyKnown', 'acknowledged'],
    [-32000, 'unknown transaction type', 'indeterminate'],
    [-32000, 'block already known', 'indeterminate'],
    [-32003, 'already known', 'indeterminate'],
    [-32002, 'request timed out', 'indeterminate'],
    [-32002, 'Invalid signature', 'refused'],
    [-32603, 'Internal error', 'indeterminate'],
    [-32000, 'context deadline exceeded', 'indeterminate'],
    [-32000, 'nonce too low', 'refused'],
    [-32000, 'nonce too low: address 0xab, tx: 0 state: 1', 'refused'],
    [-32000, 'nonce too lowly', 'indeterminate'],
    [-32603, 'nonce too low', 'indeterminate'],
    [-32001, 'Nonce too low', 'refused'],
    [-32003, 'Insufficient funds for gas * price + value', 'refused'],
    [-32010, 'OldNonce, Current nonce: 3, nonce of rejected tx: 1', 'refused'],
    [-32602, 'invalid argument 0: json: cannot unmarshal', 'refused'],
    [-32000, 'transaction type not supported', 'refused'],
  ] as const)('behavior: %i "%s" is %s', (code, message, outcome) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message } })
    expect(Outcome.ofAttempt('rpc', 200, body)).toBe(outcome)
  })

  test.each(['{"error":"known transaction"}', '[]', 'null', '{"error":{"code":"-32000"}}'])(
    'error: %s leaves the fate open',
    (body) => {
      expect(Outcome.ofAttempt('rpc', 200, body)).toBe('indeterminate')
    },
  )
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
  path: Path,
  attempt: number,
  status: number,
  more: { body?: string; retryAfter?: string } = {},
) {
  const body = more.body ?? ''
  const outcome = Outcome.ofAttempt(path, status, body)
  return RetryPolicy.pauseMs(path, RETRY_POLICY, attempt, {
    status,
    body,
    outcome,
    retryAfter: more.retryAfter,
  })
}

function error(message: string): string {
  return `{"error":{"code":-32000,"message":"${message}"}}`
}

describe('RetryPolicy.pauseMs', () => {
  test('default: doubled with each attempt, never longer than the voter waits for an answer', () => {
    expect([1, 2, 3, 4].map((attempt) => pauseMs('api', attempt, 0))).toEqual([200, 400, 800, 1600])
    const policy = { ...RETRY_POLICY, attemptsMax: 20 }
    const answer = { status: 0, body: '', outcome: 'indeterminate' } as const
    expect(RetryPolicy.pauseMs('api', policy, 19, answer)).toBe(3000)
  })

  test('behavior: the last attempt is the last', () => {
    expect(pauseMs('api', 5, 0)).toBeUndefined()
  })

  test('behavior: what is definite is not repeated', () => {
    expect([202, 409, 410, 422, 403].map((status) => pauseMs('api', 1, status))).toEqual(
      Array.from({ length: 5 }),
    )
  })

  test('behavior: Retry-After prolongs the pause, within the patience; a date is not understood', () => {
    expect(pauseMs('api', 1, 503, { retryAfter: '2' })).toBe(2000)
    expect(pauseMs('api', 1, 503, { retryAfter: '60' })).toBe(3000)
    expect(pauseMs('api', 3, 503, { retryAfter: '0' })).toBe(800)
    for (const retryAfter of ['Sun, 22 Nov 2026 16:00:00 GMT', '2x', 'x2', '2.5', '']) {
      expect(pauseMs('api', 1, 503, { retryAfter })).toBe(200)
    }
    expect(pauseMs('api', 1, 503)).toBe(200)
  })

  test('behavior: a full pool is worth another node, a wrong nonce is not', () => {
    expect(pauseMs('rpc', 1, 200, { body: error('txpool is full') })).toBe(200)
    expect(pauseMs('rpc', 1, 200, { body: error('nonce too low') })).toBeUndefined()
    expect(pauseMs('rpc', 1, 200, { body: HASH })).toBeUndefined()
    // An API does not speak of pools.
    expect(pauseMs('api', 1, 400, { body: error('txpool is full') })).toBeUndefined()
  })
})

/** The outcome after these answers, in their order. */
async function cast(...statuses: number[]): Promise<string> {
  const pauses: number[] = []
  const outcome = await castBallot({
    path: 'api',
    voter: RETRY_POLICY,
    send: async (attempt) => {
      const status = statuses[attempt - 1] ?? 599
      return { status, body: '', outcome: Outcome.ofAttempt('api', status, '') }
    },
    pause: async (ms) => void pauses.push(ms),
  })
  return `${outcome} ${pauses.join()}`.trim()
}

describe('castBallot', () => {
  test.each([
    [[202], 'acknowledged'],
    [[403], 'refused'],
    // One attempt without a definite answer leaves the fate open, whatever is refused later.
    [[0, 403], 'indeterminate 200'],
    [[503, 403], 'refused 200'],
    [[503, 0, 409], 'indeterminate 200,400'],
    [[0, 503, 202], 'acknowledged 200,400'],
  ])('default: %j comes to %s', async (statuses, told) => {
    expect(await cast(...statuses)).toBe(told)
  })
})
