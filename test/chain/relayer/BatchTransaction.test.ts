import { readFileSync } from 'node:fs'

import { Transaction } from 'ethers'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as BatchTransaction from '../../../chain/relayer/BatchTransaction.ts'
import type { Ballot } from '../../../scenarios/ballots/Ballot.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'

const BALLOT_BOX = '0x00000000000000000000000000000000000000b0'
const CHAIN_ID = 8995
const DOMAIN = { chainId: CHAIN_ID, ballotBox: BALLOT_BOX, gasPriceWei: 0 }

const anyBallot: fc.Arbitrary<Ballot> = fc.record({
  pollId: fc.integer({ min: 1, max: 3 }),
  voterIndex: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  choice: fc.integer({ min: 0, max: 254 }),
  signature: fc.uint8Array({ minLength: 65, maxLength: 65 }),
})

function ballot(pollId: number, voterIndex: number): Ballot {
  return { pollId, voterIndex, choice: 1, signature: Buffer.alloc(65) }
}

describe('sign', () => {
  test('default', () => {
    const options = { nonce: 7, blockGasLimit: 60_000_000 }
    fc.assert(
      fc.property(
        fc.array(anyBallot, { minLength: 1, maxLength: 20 }),
        fc.nat(),
        (ballots, key) => {
          const privateKey = Electorate.rolePrivateKey('seed', 'relayer', key)
          const account = BatchTransaction.account({ privateKey, ...DOMAIN })
          const signed = BatchTransaction.sign(account, ballots, options)
          const read = Transaction.from(`0x${signed.raw.toString('hex')}`)
          expect(read.hash).toBe(signed.hash)
          expect(read.from?.toLowerCase()).toBe(account.address)
          expect(read.to?.toLowerCase()).toBe(BALLOT_BOX)
          expect([read.nonce, read.chainId, read.gasPrice, read.value, read.type]).toEqual([
            7,
            BigInt(CHAIN_ID),
            0n,
            0n,
            0,
          ])
          const decoded = BatchTransaction.decode(signed.raw)
          expect(decoded.hash).toBe(signed.hash)
          expect(decoded.ballots).toHaveLength(ballots.length)
        },
      ),
    )
  })

  test('behavior: sorted by poll and voter, whatever the order', () => {
    const privateKey = Electorate.rolePrivateKey('seed', 'relayer')
    const account = BatchTransaction.account({ privateKey, ...DOMAIN })
    const options = { nonce: 0, blockGasLimit: 60_000_000 }
    const ballots = [ballot(2, 1), ballot(1, 9), ballot(1, 3)]
    const signed = BatchTransaction.sign(account, ballots, options)
    const places = BatchTransaction.decode(signed.raw).ballots.map((each) => [
      each.pollId,
      each.voterIndex,
    ])
    expect(places).toEqual([
      [1, 3],
      [1, 9],
      [2, 1],
    ])
    expect(BatchTransaction.sign(account, ballots.toReversed(), options)).toEqual(signed)
  })
})

describe('account', () => {
  test('behavior: pays where the chain has a price', () => {
    const privateKey = Electorate.rolePrivateKey('seed', 'relayer')
    const account = BatchTransaction.account({ privateKey, ...DOMAIN, gasPriceWei: 1_000_000_007 })
    const options = { nonce: 0, blockGasLimit: 60_000_000 }
    const { raw } = BatchTransaction.sign(account, [ballot(1, 1)], options)
    expect(Transaction.from(`0x${raw.toString('hex')}`).gasPrice).toBe(1_000_000_007n)
  })
})

describe('gasLimit', () => {
  test('default', () => {
    const text = readFileSync('chain/contracts/gas.json', 'utf8')
    const measured = Number(/"batchFreshWordPerBallot": ([\d.]+)/.exec(text)?.[1])
    const ballots = Array.from({ length: 100 }, (_, index) => ballot(1, index * 1228))
    expect(BatchTransaction.gasLimit(ballots, 60_000_000)).toBeGreaterThan(100 * measured)
  })

  test('behavior: never more than the block holds', () => {
    const ballots = Array.from({ length: 400 }, (_, index) => ballot(1, index))
    expect(BatchTransaction.gasLimit(ballots, 5_000_000)).toBe(5_000_000)
  })
})

describe('ballotsMax', () => {
  test.each([1_500_000, 5_000_000, 60_000_000])('default: %i', (blockGasLimit) => {
    const count = BatchTransaction.ballotsMax(blockGasLimit)
    const ballots = Array.from({ length: count + 1 }, (_, index) => ballot(1, index))
    expect(count).toBeGreaterThan(0)
    expect(BatchTransaction.gasLimit(ballots.slice(1), 1e9)).toBeLessThanOrEqual(blockGasLimit)
    expect(BatchTransaction.gasLimit(ballots, 1e9)).toBeGreaterThan(blockGasLimit - 800_000)
  })
})
