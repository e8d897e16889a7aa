import { beforeEach, describe, expect, test, vi } from 'vitest'

import * as Entries from '../../../metrics/audit/Entries.ts'
import * as Signatures from '../../../metrics/audit/Signatures.ts'
import type * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Voters from '../../contracts/Voters.ts'

/** Whether our own encoder makes the mistake that the second one is there to find. */
const mistake = vi.hoisted(() => ({ isMade: false }))

vi.mock('../../../scenarios/ballots/Ballot.ts', async (importOriginal) => {
  const honest = await importOriginal<typeof Ballot>()
  const digest: typeof Ballot.digest = (separator, ballot) =>
    honest.digest(separator, { ...ballot, pollId: ballot.pollId + Number(mistake.isMade) })
  return { ...honest, digest }
})

beforeEach(() => {
  mistake.isMade = false
})

const DOMAIN = { chainId: 8995, verifyingContract: `0x${'5f'.repeat(20)}` }
const DIGEST = Buffer.alloc(32, 0xd1)
const POLLS = new Map([1, 2, 3].map((pollId) => [pollId, `0x${DIGEST.toString('hex')}`]))

function entry(pollId: number, voterIndex: number, choice: number): Entries.Entry {
  const poll = { pollId, pollDigest: DIGEST, domain: DOMAIN }
  const { signature } = Voters.sign(poll, voterIndex, choice)
  const proof = { kind: 'signature', bytes: signature } as const
  return { pollId, voterIndex, choice, skipReason: 0, transaction: 0, proof }
}

function recover(entries: readonly Entries.Entry[]): Signatures.Signed & { names: string[] } {
  const signed = Signatures.recover({
    domain: DOMAIN,
    pollDigests: POLLS,
    entries: Entries.encode(entries),
  })
  const names = entries.map((_, index) =>
    Buffer.from(signed.signers.subarray(index * 20, (index + 1) * 20)).toString('hex'),
  )
  return { ...signed, names }
}

function address(voterIndex: number): string {
  return Voters.address(voterIndex).toString('hex')
}

describe('recover', () => {
  test('default: who signed each ballot, each over its own choice and poll', () => {
    const signed = recover([entry(1, 4, 0), entry(1, 5, 1), entry(2, 6, 0), entry(1, 7, 0)])
    expect(signed.names).toEqual([4, 5, 6, 7].map(address))
    expect(signed).toMatchObject({ checkedCount: 4, sampledCount: 2, disagreements: [] })
    expect(signed.signers.length).toBe(80)
  })

  test('behavior: the first ballot of two different digests is given to the second encoder', () => {
    expect(recover([entry(1, 4, 0), entry(1, 5, 0)]).sampledCount).toBe(1)
    expect(recover([entry(1, 4, 0), entry(1, 5, 1)]).sampledCount).toBe(2)
    expect(recover([entry(1, 4, 0), entry(2, 5, 0), entry(3, 6, 0)]).sampledCount).toBe(2)
  })

  test('behavior: the second encoder finds a mistake that contract and voters share with ours', () => {
    mistake.isMade = true
    // Signed over the wrong digest, and recovered by it: by our own code alone all is well.
    const signed = recover([entry(1, 4, 0), entry(1, 5, 0), entry(2, 6, 0)])
    expect(signed.names).toEqual([4, 5, 6].map(address))
    expect(signed.disagreements).toEqual([0, 2])
  })

  test('behavior: a signature that counts for nobody leaves zeros, and is no disagreement', () => {
    const bad = {
      ...entry(1, 4, 0),
      proof: { kind: 'signature' as const, bytes: Buffer.alloc(65) },
    }
    const signed = recover([bad, entry(1, 5, 0)])
    expect(signed.names).toEqual(['00'.repeat(20), address(5)])
    expect(signed).toMatchObject({ checkedCount: 2, sampledCount: 1, disagreements: [] })
  })

  test('behavior: of a poll that is not known nothing is recovered', () => {
    const signed = recover([entry(9, 4, 0), entry(1, 5, 0)])
    expect(signed.names).toEqual(['00'.repeat(20), address(5)])
    expect(signed.checkedCount).toBe(1)
  })

  test('behavior: the sender of a transaction was recovered with it, and counts as checked', () => {
    const sent = {
      ...entry(1, 4, 0),
      proof: { kind: 'sender' as const, bytes: Buffer.alloc(52, 1) },
    }
    const key = { ...entry(1, 5, 0), proof: { kind: 'key' as const, bytes: Buffer.alloc(20, 1) } }
    const signed = recover([sent, key])
    expect(signed).toMatchObject({ checkedCount: 1, sampledCount: 0 })
    expect(signed.names).toEqual(['00'.repeat(20), '00'.repeat(20)])
  })

  test('behavior: none', () => {
    expect(recover([])).toMatchObject({ checkedCount: 0, sampledCount: 0, disagreements: [] })
  })
})
