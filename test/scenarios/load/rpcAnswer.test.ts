import { describe, expect, test } from 'vitest'

import { isPoolFull, ofRpcAnswer } from '../../../scenarios/load/rpcAnswer.ts'

const HASH = `0x${'aB'.repeat(32)}`

function error(code: unknown, message: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message } })
}

/** What clients answer, by what it means; each as its source has it. */
const KNOWN: [number, string][] = [
  [-32000, 'already known'],
  [-32000, 'known transaction'],
  [-32000, `known transaction: ${'ab'.repeat(32)}`],
  [-32003, 'transaction already imported'],
  [-32000, 'Known transaction'],
  [-32010, 'AlreadyKnown'],
]

const POOL_FULL: [number, string][] = [
  [-32000, 'txpool is full'],
  [-32010, 'FeeTooLowToCompete'],
]

const REFUSED: [number, string][] = [
  ...[
    'nonce too low',
    'nonce too low: next nonce 4, tx nonce 3',
    'nonce too high',
    'transaction underpriced',
    'replacement transaction underpriced',
    'exceeds block gas limit',
    'gas limit reached',
    'gas uint64 overflow',
    'intrinsic gas too low',
    'intrinsic gas too high',
    'insufficient funds for gas * price + value',
    'Insufficient funds for gas * price + value',
    'insufficient funds for transfer',
    'max fee per gas less than block base fee',
    'negative value',
    'oversized data',
    'invalid sender',
    'invalid chain id for signer',
    'invalid transaction v, r, s values',
    'transaction type not supported',
    'transaction type not valid in this context',
    'transaction type does not supported EIP-155 protected signatures',
    'only replay-protected (EIP-155) transactions allowed over RPC',
    'Gas price not 0',
    'ether value is not supported for private transactions',
  ].flatMap((text): [number, string][] => [
    [-32000, text],
    [-32003, text],
  ]),
  [-32001, 'Nonce too low'],
  [-32002, 'Invalid signature'],
  [-32003, 'Intrinsic gas exceeds gas limit'],
  [-32004, 'Upfront cost exceeds account balance'],
  [-32005, 'Transaction gas limit exceeds block gas limit'],
  [-32006, 'Nonce too high'],
  [-32007, 'Sender account not authorized to send transactions'],
  [-32008, 'Initial sync is still in progress'],
  [-32009, 'Gas price below configured minimum gas price'],
  [-32009, 'Gas price below current base fee'],
  [-32000, 'Replacement transaction underpriced'],
  [-32000, 'Wrong chainId'],
  [-32000, 'ChainId not supported'],
  [-32000, 'ChainId is required'],
  [-32000, 'Transaction fee cap exceeded'],
  ...[
    'FailedToResolveSender',
    'FeeTooLow',
    'GasLimitExceeded',
    'InsufficientFunds',
    'Int256Overflow',
    'Invalid',
    'Invalid, the chain id is another',
    'NonceGap',
    'OldNonce',
    'OldNonce. Current nonce: 4',
    'ReplacementNotAllowed',
    'SenderIsContract',
  ].map((text): [number, string] => [-32010, text]),
  [-32700, 'anything'],
  [-32600, 'anything'],
  [-32601, 'anything'],
  [-32602, 'anything'],
]

/** Under no code is this a definite word: the node may have taken the transaction all the same. */
const UNKNOWN: [number, string][] = [
  [-32000, 'unknown transaction type'],
  [-32000, 'context deadline exceeded'],
  [-32002, 'request timed out'],
  [-32603, 'Internal error'],
  [-32000, ''],
  [-32010, ''],
  [-32003, ''],
  [-32001, 'nonce too low'],
  [-32010, 'nonce too low'],
  [-32000, 'AlreadyKnown'],
  [-32010, 'already known'],
  [-32000, 'the nonce too low'],
  [-32000, 'nonce too lowly'],
  [-32000, 'already knownish'],
  [-32000, 'txpool is fuller'],
  [-32010, 'InvalidX'],
  [-32010, 'Invalid x'],
  ...[-32001, -32002, -32004, -32005, -32006, -32007, -32008, -32009].map(
    (code): [number, string] => [code, 'something else'],
  ),
]

describe('ofRpcAnswer', () => {
  test.each(KNOWN)('default: %i %j is as good as the hash', (code, message) => {
    expect(ofRpcAnswer(error(code, message))).toBe('acknowledged')
    expect(isPoolFull(error(code, message))).toBe(false)
  })

  test.each(REFUSED)('default: %i %j is a refusal', (code, message) => {
    expect(ofRpcAnswer(error(code, message))).toBe('refused')
    expect(isPoolFull(error(code, message))).toBe(false)
  })

  test.each(POOL_FULL)('default: %i %j is one for now', (code, message) => {
    expect(ofRpcAnswer(error(code, message))).toBe('refused')
    expect(isPoolFull(error(code, message))).toBe(true)
  })

  test.each(UNKNOWN)('behavior: %i %j leaves the fate open', (code, message) => {
    expect(ofRpcAnswer(error(code, message))).toBe('indeterminate')
    expect(isPoolFull(error(code, message))).toBe(false)
  })

  test('behavior: details behind a mark of punctuation belong to the text', () => {
    const text = 'nonce too low'
    for (const details of [': 4', ', 4', '. It is 4', ' (4)']) {
      expect(ofRpcAnswer(error(-32000, text + details))).toBe('refused')
    }
    for (const more of [' 4', '4', '.', ':4', ' - (4)']) {
      expect(ofRpcAnswer(error(-32000, text + more))).toBe('indeterminate')
    }
  })

  test('behavior: a hash is an acknowledgement, and nothing else is', () => {
    expect(ofRpcAnswer(JSON.stringify({ result: HASH }))).toBe('acknowledged')
    for (const result of [
      '0x',
      `${HASH}0`,
      HASH.slice(0, -1),
      ` ${HASH}`,
      HASH.slice(2),
      null,
      7,
    ]) {
      expect(ofRpcAnswer(JSON.stringify({ result }))).toBe('indeterminate')
    }
  })

  test.each(['', 'no JSON', 'null', '7', '"x"', '{}', '[]', '{"error":null}', '{"error":"no"}'])(
    'behavior: %j says nothing',
    (body) => {
      expect(ofRpcAnswer(body)).toBe('indeterminate')
      expect(isPoolFull(body)).toBe(false)
    },
  )

  test('behavior: an error without a number or without words is none', () => {
    expect(ofRpcAnswer(error('-32000', 'nonce too low'))).toBe('indeterminate')
    expect(ofRpcAnswer(error(-32600, undefined))).toBe('indeterminate')
    expect(ofRpcAnswer('{"error":{"message":"already known"}}')).toBe('indeterminate')
    expect(
      ofRpcAnswer(JSON.stringify({ result: null, error: { code: -32600, message: '' } })),
    ).toBe('refused')
  })
})
