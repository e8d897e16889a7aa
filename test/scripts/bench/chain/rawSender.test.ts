import { describe, expect, test } from 'vitest'

import * as Spool from '../../../../scenarios/ballots/Spool.ts'
import { assertAccepted, bodyOf } from '../../../../scripts/bench/chain/rawSender.ts'

describe('bodyOf', () => {
  test('default: a JSON-RPC call for each record, the transaction as it was signed', () => {
    const records = [0xab, 0xcd].map((byte) =>
      Spool.encodeTransaction({ pollId: 1, voterIndex: 2, choice: 0 }, Buffer.alloc(3, byte)),
    )
    expect(JSON.parse(bodyOf(Buffer.concat(records), 2))).toEqual([
      { jsonrpc: '2.0', id: 0, method: 'eth_sendRawTransaction', params: ['0xababab'] },
      { jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: ['0xcdcdcd'] },
    ])
  })
})

describe('assertAccepted', () => {
  test('default', () => {
    expect(() => assertAccepted('[{"jsonrpc":"2.0","id":0,"result":"0x12"}]')).not.toThrow()
  })

  test('error: one refusal among many, or no batch at all', () => {
    const one = '[{"id":0,"result":"0x12"},{"id":1,"error":{"code":-32000,"message":"full"}}]'
    expect(() => assertAccepted(one)).toThrow(
      expect.objectContaining({ code: 'BENCH_BLAST_REFUSED' }),
    )
    expect(() => assertAccepted('bad gateway')).toThrow('bad gateway')
  })
})
