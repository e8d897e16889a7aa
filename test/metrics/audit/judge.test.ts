import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import * as Entries from '../../../metrics/audit/Entries.ts'
import { judge, type Count } from '../../../metrics/audit/judge.ts'
import * as Voters from '../../../metrics/audit/Voters.ts'
import type { Binding } from '../../../metrics/contracts/Decoder.ts'
import { SKIP_REASONS } from '../../../scenarios/ballots/Contract.ts'
import * as Poll from '../../../scenarios/ballots/Poll.ts'
import * as Signers from '../../contracts/Voters.ts'
import { emptyLedger } from './emptyLedger.ts'

const VOTERS = 9
const TEXT = { question: 'Which?', options: ['one', 'two', 'three'] }
const SLICE = { firstVoter: 2, voterCount: 3 }
const [OPENS_AT, SEALS_AT] = [1000, 2000]
const NOBODY = Buffer.alloc(20)

/** Poll 1 is open to all, poll 2 to a slice; poll 3 has no rules of its own. */
let voters: Voters.Voters
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-judge-'))
  const file = join(folder, 'register.bin')
  writeFileSync(file, Signers.packed(0, VOTERS))
})
beforeEach(() => {
  voters = Voters.fromFile(join(folder, 'register.bin'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function binding(slice?: Poll.Slice): Binding {
  const pollDigest = `0x${Poll.digest({ ...TEXT, slice }, voters.commitment).toString('hex')}`
  const register = `0x${'0'.repeat(40)}`
  return { pollDigest, register, slice, opensAt: OPENS_AT, closesAt: 1500, sealsAt: SEALS_AT }
}

async function empty(): Promise<Count> {
  const { polls, ballots, findings } = emptyLedger({ fileVoters: voters })
  await polls.learn({ pollId: 1, ...TEXT, binding: binding() }, 1)
  await polls.learn({ pollId: 2, ...TEXT, binding: binding(SLICE) }, 1)
  await polls.learn({ pollId: 3, ...TEXT, binding: undefined }, 1)
  return { polls, ballots, findings }
}

/** A ballot that the contract counted, and who signed it. */
type Told = Partial<Entries.Entry> & { signer?: Uint8Array }

const SIGNATURE = { kind: 'signature', bytes: Buffer.alloc(65, 7) } as const

function told(count: Count, all: readonly Told[], timestamp = OPENS_AT): void {
  const entries = all.map((entry) => ({
    pollId: 1,
    voterIndex: 4,
    choice: 2,
    skipReason: 0,
    transaction: 0,
    proof: SIGNATURE,
    ...entry,
  }))
  const signers = all.map(
    ({ signer, voterIndex = 4 }) => signer ?? voters.at(voterIndex) ?? Signers.address(voterIndex),
  )
  judge(count, {
    number: 50,
    hash: '0xb10c',
    timestamp,
    transactions: ['0xfirst', '0xsecond'],
    entries: Entries.encode(entries),
    signers: Buffer.concat(signers),
  })
}

function counts(count: Count, pollId = 1) {
  return count.polls.get(pollId)?.counts
}

/** A transaction of the voter's own, which names a poll's digest. */
function sent(sender: Uint8Array, pollDigest: string): Entries.Proof {
  return { kind: 'sender', bytes: Buffer.concat([sender, Buffer.from(pollDigest.slice(2), 'hex')]) }
}

/** What the service of 2017 writes for a voter. */
function key(voter: number): Entries.Proof {
  return { kind: 'key', bytes: Signers.address(voter) }
}

describe('judge', () => {
  test('default: what holds counts, for its option, with its block', async () => {
    const count = await empty()
    told(count, [{}, { voterIndex: 0, choice: 0 }, { voterIndex: 8 }])
    expect(count.findings.listed()).toEqual([])
    expect(counts(count)).toEqual({
      recount: [1, 0, 2],
      voterCount: 3,
      skippedCount: 0,
      unnamedCount: 0,
    })
    expect(count.ballots.get(1, 4)).toEqual({ choice: 2, block: 50 })
  })

  test('behavior: each signer belongs to the ballot at its place', async () => {
    const count = await empty()
    told(count, [
      { voterIndex: 1, signer: Signers.address(2) },
      { voterIndex: 2, signer: Signers.address(1) },
      { voterIndex: 3 },
    ])
    expect(count.findings.listed().map(({ kind, voterIndex }) => [kind, voterIndex])).toEqual([
      ['badSignature', 1],
      ['badSignature', 2],
    ])
    expect(counts(count)?.recount).toEqual([0, 0, 1])
  })

  const AGAINST: [string, Told, number, [reason: number, kind: string]][] = [
    ['a poll that does not exist', { pollId: 9 }, OPENS_AT, [1, 'unexpected']],
    ['before the opening second', {}, OPENS_AT - 1, [2, 'untimely']],
    ['after the sealing second', {}, SEALS_AT + 1, [3, 'untimely']],
    ['the option after the last', { choice: 3 }, OPENS_AT, [4, 'unexpected']],
    ['nobody signed', { signer: NOBODY }, OPENS_AT, [5, 'badSignature']],
    ['another signed', { signer: Signers.address(5) }, OPENS_AT, [6, 'badSignature']],
    ['the voter after the last', { voterIndex: VOTERS }, OPENS_AT, [6, 'ineligible']],
    ['before the slice', { pollId: 2, voterIndex: 1 }, OPENS_AT, [6, 'badSignature']],
    ['behind the slice', { pollId: 2, voterIndex: 5 }, OPENS_AT, [6, 'badSignature']],
  ]

  test.each(AGAINST)(
    'behavior: counted in spite of %s',
    async (_, ballot, timestamp, [reason, kind]) => {
      const count = await empty()
      told(count, [ballot], timestamp)
      const { pollId = 1, voterIndex = 4 } = ballot
      const [finding, ...others] = count.findings.listed()
      expect(others).toEqual([])
      expect(finding).toMatchObject({ kind, pollId, voterIndex })
      const name = Object.entries(SKIP_REASONS).find(([number]) => Number(number) === reason)?.[1]
      expect(finding?.message).toBe(
        `The contract counted the ballot of voter ${voterIndex} in poll ${pollId} in block 50, although: ${name}.`,
      )
      expect(count.ballots.count()).toBe(0)
      expect(counts(count, 2)?.voterCount).toBe(0)
      expect(counts(count)?.voterCount).toBe(0)
    },
  )

  test.each(AGAINST)(
    'behavior: skipped because of %s, as it ought to be',
    async (_, ballot, timestamp, [skipReason]) => {
      const count = await empty()
      told(count, [{ ...ballot, skipReason }], timestamp)
      expect(count.findings.listed()).toEqual([])
      expect(counts(count, ballot.pollId ?? 1)?.skippedCount).toBe(
        ballot.pollId === 9 ? undefined : 1,
      )
      expect(count.ballots.count()).toBe(0)
    },
  )

  test('behavior: skipped for another reason than there is', async () => {
    const count = await empty()
    told(count, [{ skipReason: 3 }], OPENS_AT - 1)
    expect(count.findings.listed()).toMatchObject([
      {
        kind: 'contradiction',
        message:
          'The contract skipped the ballot of voter 4 in poll 1 in block 50 as "sealed", it is "not open".',
      },
    ])
  })

  test('behavior: a reason that no contract has bears its number', async () => {
    const count = await empty()
    told(count, [{ skipReason: 77 }])
    expect(count.findings.listed()).toMatchObject([
      {
        kind: 'wronglySkipped',
        message:
          'The contract skipped the ballot of voter 4 in poll 1 in block 50 (reason 77), although it holds.',
      },
    ])
    // Neither we nor the contract count what it skipped.
    expect(counts(count)).toMatchObject({ recount: [0, 0, 0], skippedCount: 1 })
    expect(count.ballots.count()).toBe(0)
  })

  test('behavior: a second ballot is told with the first one, and all that proves it', async () => {
    const count = await empty()
    told(count, [{}, { choice: 1, transaction: 1 }])
    const finding = {
      kind: 'duplicated',
      pollId: 1,
      voterIndex: 4,
      message:
        'The contract counted the ballot of voter 4 in poll 1 in block 50, although: already voted.',
      evidence: {
        block: 50,
        blockHash: '0xb10c',
        timestamp: OPENS_AT,
        transaction: '0xsecond',
        choice: 1,
        registered: `0x${Signers.address(4).toString('hex')}`,
        signature: `0x${'07'.repeat(65)}`,
        signer: `0x${Signers.address(4).toString('hex')}`,
        countedInBlock: 50,
        countedChoice: 2,
      },
    }
    expect(count.findings.listed()).toEqual([finding])
    expect(counts(count)).toMatchObject({ recount: [0, 0, 1], voterCount: 1 })
  })

  test('behavior: what is not known stands in no evidence', async () => {
    const count = await empty()
    told(count, [{ pollId: 9, transaction: 7, proof: { kind: 'none', bytes: Buffer.alloc(0) } }])
    expect(count.findings.listed()[0]?.evidence).toEqual({
      block: 50,
      blockHash: '0xb10c',
      timestamp: OPENS_AT,
      transaction: '',
      choice: 2,
    })
  })

  test("behavior: a voter's own transaction counts for its sender, in the poll that it names", async () => {
    const count = await empty()
    const { pollDigest } = binding()
    const sender = Signers.address(4)
    told(count, [
      { proof: sent(sender, pollDigest), signer: NOBODY },
      { voterIndex: 5, proof: sent(sender, pollDigest), signer: NOBODY },
      { voterIndex: 6, proof: sent(Signers.address(6), `0x${'1'.repeat(64)}`), signer: NOBODY },
    ])
    expect(count.findings.listed()).toMatchObject([
      {
        kind: 'badSignature',
        voterIndex: 5,
        message: expect.stringContaining('not registered'),
        evidence: { sender: `0x${sender.toString('hex')}` },
      },
      { kind: 'badSignature', voterIndex: 6, message: expect.stringContaining('bad signature') },
    ])
    expect(count.findings.listed()[0]?.evidence).not.toHaveProperty('signature')
    expect(counts(count)?.recount).toEqual([0, 0, 1])
  })

  test('behavior: a key of 2017 counts for the address in it; another voter is no forger', async () => {
    const count = await empty()
    told(count, [
      { pollId: 3, proof: key(4), signer: NOBODY },
      { pollId: 3, voterIndex: 5, proof: key(4), signer: NOBODY },
    ])
    expect(count.findings.listed()).toMatchObject([{ kind: 'ineligible', voterIndex: 5 }])
    expect(counts(count, 3)?.recount).toEqual([0, 0, 1])
  })

  test('behavior: without a proof the place in the register is enough, and a poll without times has none', async () => {
    const count = await empty()
    const proof = { kind: 'none', bytes: Buffer.alloc(0) } as const
    told(count, [{ pollId: 3, proof, signer: NOBODY }], 1)
    expect(count.findings.listed()).toEqual([])
    expect(counts(count, 3)?.recount).toEqual([0, 0, 1])
  })

  test('behavior: without a register anyone may vote once', async () => {
    const anyone = emptyLedger()
    await anyone.polls.learn({ pollId: 3, ...TEXT, binding: undefined }, 1)
    const proof = { kind: 'none', bytes: Buffer.alloc(0) } as const
    told(anyone, [
      { pollId: 3, voterIndex: 4_000_000, proof },
      { pollId: 3, voterIndex: 4_000_000, proof },
    ])
    expect(anyone.findings.listed()).toMatchObject([{ kind: 'duplicated', voterIndex: 4_000_000 }])
    expect(anyone.findings.listed()[0]?.evidence).not.toHaveProperty('registered')
  })

  describe('of votes that name no voter', () => {
    const unnamed = { kind: 'unnamed', bytes: Buffer.alloc(0) } as const
    const further = { kind: 'further', bytes: Buffer.alloc(0) } as const

    test('default: a vote counts its voter once, its further options beside', async () => {
      const count = await empty()
      told(count, [
        { pollId: 3, proof: unnamed, choice: 0 },
        { pollId: 3, proof: further, choice: 1 },
        { pollId: 3, proof: unnamed, choice: 1 },
      ])
      expect(counts(count, 3)).toEqual({
        recount: [1, 2, 0],
        voterCount: 2,
        skippedCount: 0,
        unnamedCount: 2,
      })
      expect(count.ballots.count()).toBe(0)
    })

    test('behavior: what was skipped is counted once as that, and not otherwise', async () => {
      const count = await empty()
      told(count, [
        { pollId: 3, proof: unnamed, skipReason: 7 },
        { pollId: 3, proof: further, skipReason: 7 },
      ])
      expect(counts(count, 3)).toEqual({
        recount: [0, 0, 0],
        voterCount: 0,
        skippedCount: 1,
        unnamedCount: 0,
      })
    })

    test('behavior: one for no poll is passed over', async () => {
      const count = await empty()
      told(count, [{ pollId: 9, proof: unnamed }, {}])
      expect(count.findings.listed()).toEqual([])
      expect(counts(count)?.recount).toEqual([0, 0, 1])
    })

    test('behavior: an option that a poll does not have is counted from nothing', async () => {
      const count = await empty()
      told(count, [{ pollId: 3, proof: unnamed, choice: 4 }])
      expect(counts(count, 3)?.recount[4]).toBe(1)
    })
  })

  test('property: a ballot counts from the opening second to the sealing second', async () => {
    const seconds = fc.integer({ min: OPENS_AT - 300, max: SEALS_AT + 300 })
    const countsThen = fc.asyncProperty(seconds, async (timestamp) => {
      const count = await empty()
      told(count, [{}], timestamp)
      return count.ballots.count() === Number(timestamp >= OPENS_AT && timestamp <= SEALS_AT)
    })
    const { failed } = await fc.check(countsThen, { numRuns: 50 })
    expect(failed).toBe(false)
  })

  test.each([
    [OPENS_AT - 1, 0],
    [OPENS_AT, 1],
    [SEALS_AT, 1],
    [SEALS_AT + 1, 0],
  ])('boundary: at second %i it counts %i', async (timestamp, counted) => {
    const count = await empty()
    told(count, [{}], timestamp)
    expect(count.ballots.count()).toBe(counted)
  })

  test.each([0, 1, 2, 3, 4, 5, 6])('boundary: a slice of 2 to 4, voter %i', async (voterIndex) => {
    const count = await empty()
    told(count, [{ pollId: 2, voterIndex }])
    expect(count.ballots.count()).toBe(voterIndex >= 2 && voterIndex <= 4 ? 1 : 0)
  })
})
