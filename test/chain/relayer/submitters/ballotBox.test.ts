import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import type { Ballot } from '../../../../chain/relayer/Call.ts'
import * as BallotBox from '../../../../chain/relayer/submitters/ballotBox.ts'
import * as Contract from '../../../../scenarios/ballots/Contract.ts'

const BALLOT_BOX = '0x00000000000000000000000000000000000000b0'
const BLOCK_GAS_LIMIT = 60_000_000

const submitter = BallotBox.ballotBox({ ballotBox: BALLOT_BOX })

function ballot(pollId: number, voterIndex: number): Ballot {
  return { pollId, voterIndex, choice: 1, signature: Buffer.alloc(65, voterIndex) }
}

describe('encode', () => {
  test('default: as ethers encodes it, and back', () => {
    const given = [ballot(1, 3), ballot(1, 9), ballot(2, 2 ** 32 - 1)]
    const call = submitter.encode(given, BLOCK_GAS_LIMIT)
    const data = `0x${Buffer.from(call.data).toString('hex')}`
    const values = Contract.ballotBox.decodeFunctionData('castBatch', data)
    expect(Contract.ballotBox.encodeFunctionData('castBatch', values)).toBe(data)
    expect(call.to).toBe(BALLOT_BOX)
    expect(submitter.decode(call)).toEqual(given)
  })

  test('behavior: sorted by poll and voter, whatever the order', () => {
    const ballots = [ballot(2, 1), ballot(1, 9), ballot(1, 3)]
    const call = submitter.encode(ballots, BLOCK_GAS_LIMIT)
    expect(submitter.decode(call)).toEqual([ballot(1, 3), ballot(1, 9), ballot(2, 1)])
    expect(submitter.encode(ballots.toReversed(), BLOCK_GAS_LIMIT)).toEqual(call)
  })

  test('behavior: at least half of the block’s gas, never more than all of it', () => {
    const ballots = Array.from({ length: 400 }, (_, index) => ballot(1, index))
    expect(submitter.encode(ballots.slice(0, 1), BLOCK_GAS_LIMIT).gasLimit).toBe(
      BLOCK_GAS_LIMIT / 2,
    )
    expect(submitter.encode(ballots, BLOCK_GAS_LIMIT).gasLimit).toBe(BLOCK_GAS_LIMIT / 2)
    expect(submitter.encode(ballots, 20_000_000).gasLimit).toBeGreaterThan(10_000_000)
    expect(submitter.encode(ballots, 5_000_000).gasLimit).toBe(5_000_000)
  })

  test('error: a ballot without its signature', () => {
    const unsigned = { ...ballot(1, 7), signature: undefined }
    expect(() => submitter.encode([unsigned], BLOCK_GAS_LIMIT)).toThrow(BallotBox.UnsignedError)
  })
})

describe('gasOf', () => {
  test('default', () => {
    const text = readFileSync('chain/contracts/gas.json', 'utf8')
    const measured = Number(/"batchFreshWordPerBallot": ([\d.]+)/.exec(text)?.[1])
    const ballots = Array.from({ length: 100 }, (_, index) => ballot(1, index * 1228))
    expect(BallotBox.gasOf(ballots)).toBeGreaterThan(100 * measured)
  })
})

describe('ballotsFitting', () => {
  test.each([1_500_000, 5_000_000, 60_000_000])('default: %i', (blockGasLimit) => {
    const count = BallotBox.ballotsFitting(blockGasLimit)
    const ballots = Array.from({ length: count + 1 }, (_, index) => ballot(1, index))
    expect(count).toBeGreaterThan(0)
    expect(BallotBox.gasOf(ballots.slice(1))).toBeLessThanOrEqual(blockGasLimit)
    expect(BallotBox.gasOf(ballots)).toBeGreaterThan(blockGasLimit - 800_000)
  })
})
