import { Transaction as Parsed } from 'ethers'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as LegacyTransaction from '../../../scenarios/ballots/LegacyTransaction.ts'
import * as Transaction from '../../../chain/relayer/Transaction.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'

const TO = '0x00000000000000000000000000000000000000b0'
const CHAIN_ID = 8995

describe('sign', () => {
  test('default', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat(), (data, index, nonce) => {
        const privateKey = Electorate.rolePrivateKey('seed', 'relayer', index)
        const account = Transaction.account({ privateKey, chainId: CHAIN_ID, gasPriceWei: 0 })
        const signed = Transaction.sign(account, { to: TO, data, gasLimit: 21_000 }, nonce)
        const read = Parsed.from(`0x${signed.raw.toString('hex')}`)
        expect(read.hash).toBe(signed.hash)
        expect(read.from?.toLowerCase()).toBe(account.address)
        expect([read.nonce, read.chainId, read.gasPrice, read.gasLimit, read.value]).toEqual([
          nonce,
          BigInt(CHAIN_ID),
          0n,
          21_000n,
          0n,
        ])
        expect(LegacyTransaction.decode(signed.raw)).toEqual({
          hash: signed.hash,
          to: TO,
          data: Buffer.from(data),
        })
      }),
    )
  })

  test('behavior: pays where the chain has a price', () => {
    const privateKey = Electorate.rolePrivateKey('seed', 'relayer')
    const gasPriceWei = 1_000_000_007
    const account = Transaction.account({ privateKey, chainId: CHAIN_ID, gasPriceWei })
    const call = { to: TO, data: Buffer.alloc(0), gasLimit: 21_000 }
    const { raw } = Transaction.sign(account, call, 0)
    expect(Parsed.from(`0x${raw.toString('hex')}`).gasPrice).toBe(1_000_000_007n)
  })
})
