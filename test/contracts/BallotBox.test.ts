import { id, TypedDataEncoder } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type * as Ballot from '../../scenarios/ballots/Ballot.ts'
import * as Batch from '../../scenarios/ballots/Batch.ts'
import { REGISTER_CHUNK_VOTERS } from '../../scenarios/ballots/Contract.ts'
import { START_TIMEOUT_MS } from './Chain.ts'
import { OTHER_VOTERS, setUp, VOTERS, type Poll, type Setup } from './Setup.ts'
import * as Voters from './Voters.ts'

const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

let setup: Setup
beforeAll(async () => {
  setup = await setUp()
}, START_TIMEOUT_MS)
afterAll(() => setup.chain.close())

const read = async (method: string, ...args: unknown[]): Promise<unknown> =>
  (await setup.box.call(method, args))[0]
const tally = async (pollId: number): Promise<unknown> => [
  ...(await setup.box.call('tally', [pollId]))[0],
]
const castBatch = async (ballots: readonly Ballot.Ballot[], timestamp?: number): Promise<unknown> =>
  (await setup.box.send('castBatch', [Batch.encode(ballots)], { timestamp })).events

/** A batch's events where exactly these are skipped: [position, pollId, voterIndex, reason]. */
const batchCast = (accepted: number, ...skips: number[][]): unknown => [
  ...skips.map(([position, ...rest]) => {
    const [pollId, voterIndex, reason] = rest
    return {
      name: 'BallotSkipped',
      args: [pollId, voterIndex, position, reason].map((value) => BigInt(value ?? -1)),
    }
  }),
  { name: 'BatchCast', args: [BigInt(accepted), BigInt(skips.length)] },
]
const signed = (ballot: Ballot.Ballot, change: (signature: Buffer) => void): Ballot.Ballot => {
  const signature = Buffer.from(ballot.signature)
  change(signature)
  return { ...ballot, signature }
}

/** Arguments of `createPoll`. */
const create = (
  change: Partial<
    Record<
      'options' | 'register' | 'firstVoter' | 'voterCount' | 'opensAt' | 'closesAt' | 'sealsAt',
      unknown
    >
  >,
) => {
  const poll = {
    options: ['Yes', 'No'],
    register: setup.register.address,
    firstVoter: 0,
    voterCount: 0,
    opensAt: 10,
    closesAt: 20,
    sealsAt: 30,
  }
  return ['Shall we?', ...Object.values({ ...poll, ...change })]
}

/** A voter's own transaction; gives its events. */
const cast = async (
  poll: Poll,
  voterIndex: number,
  change: Partial<{ digest: unknown; choice: number; from: number; timestamp: number }> = {},
) => {
  const { digest = poll.pollDigest, choice = 1, from = voterIndex, timestamp } = change
  const options = { from: await setup.account(from), timestamp }
  return (await setup.box.send('cast', [poll.pollId, digest, voterIndex, choice], options)).events
}

describe('createPoll', () => {
  test('default', async () => {
    const before = Number(await read('pollCount'))
    const { events } = await setup.box.send('createPoll', create({}))
    const pollId = before + 1
    const [digest, register, ...rest] = (await setup.box.call('poll', [pollId]))[0]
    expect(events).toEqual([
      {
        name: 'PollCreated',
        args: [
          BigInt(pollId),
          digest,
          register,
          0n,
          0n,
          10n,
          20n,
          30n,
          'Shall we?',
          expect.anything(),
        ],
      },
    ])
    expect(rest).toEqual([0n, BigInt(VOTERS), 2n, 10n, 20n, 30n])
    expect(await tally(pollId)).toEqual([0n, 0n])
    expect(await read('pollCount')).toBe(BigInt(pollId))
  })

  test('behavior: the digest is that of the wire format', async () => {
    const poll = await setup.poll()
    const [digest, register] = (await setup.box.call('poll', [poll.pollId]))[0]
    expect(digest).toBe(`0x${Buffer.from(poll.pollDigest).toString('hex')}`)
    expect(register.toLowerCase()).toBe(setup.register.address)
  })

  test('behavior: 255 options, each with a count of its own', async () => {
    const poll = await setup.poll({ optionCount: 255 })
    const ballots = Array.from({ length: 255 }, (_, choice) => Voters.sign(poll, choice, choice))
    expect(await castBatch(ballots)).toEqual(batchCast(255))
    expect(await tally(poll.pollId)).toEqual(Array.from({ length: 255 }, () => 1n))
  })

  test.each([0, 1, 256])('error: %d options', async (length) => {
    const options = Array.from({ length }, () => 'x')
    await expect(setup.box.send('createPoll', create({ options }))).rejects.toMatchObject({
      reason: 'BallotBoxBadOptionCount',
      args: [BigInt(length)],
    })
  })

  test.each([
    [20, 20, 30],
    [21, 20, 30],
    [10, 20, 19],
  ])('error: times %d, %d, %d', async (opensAt, closesAt, sealsAt) => {
    await expect(
      setup.box.send('createPoll', create({ opensAt, closesAt, sealsAt })),
    ).rejects.toMatchObject({
      reason: 'BallotBoxBadTimes',
      args: [opensAt, closesAt, sealsAt].map(BigInt),
    })
  })

  test('behavior: may be sealed as it closes', async () => {
    expect((await setup.box.send('createPoll', create({ closesAt: 30 }))).events).toHaveLength(1)
  })

  test('error: the register is open', async () => {
    const open = await setup.chain.deploy('VoterRegister')
    await expect(
      setup.box.send('createPoll', create({ register: open.address })),
    ).rejects.toMatchObject({
      reason: 'BallotBoxRegisterNotClosed',
    })
  })

  test('error: the register is no contract', async () => {
    const register = setup.chain.accounts[3]
    await expect(setup.box.send('createPoll', create({ register }))).rejects.toMatchObject({
      reason: 'BallotBoxRegisterNotClosed',
    })
  })

  test('error: not the organiser', async () => {
    const from = setup.chain.accounts[1]
    await expect(setup.box.send('createPoll', create({}), { from })).rejects.toMatchObject({
      reason: 'BallotBoxUnauthorizedCaller',
      args: [expect.anything(), await read('organiser')],
    })
    expect(String(await read('organiser')).toLowerCase()).toBe(setup.chain.accounts[0])
  })

  test('error: more polls than a ballot can name', async () => {
    await setup.chain.undone(async () => {
      const slot = `0x${`ffffffff${setup.chain.accounts[0]?.slice(2)}`.padStart(64, '0')}`
      await setup.chain.request('hardhat_setStorageAt', setup.box.address, '0x0', slot)
      await expect(setup.box.send('createPoll', create({}))).rejects.toMatchObject({
        reason: 'Panic',
        args: [17n],
      })
    })
  })
})

describe('castBatch', () => {
  test('default', async () => {
    const poll = await setup.poll()
    const ballots = [4, 3, 1227, 1228, 256, 0].map((voterIndex) =>
      Voters.sign(poll, voterIndex, voterIndex % 3),
    )
    expect(await castBatch(ballots)).toEqual(batchCast(6))
    expect(await tally(poll.pollId)).toEqual([3n, 3n, 0n])
    expect(await read('hasVoted', poll.pollId, 1228)).toBe(true)
    expect(await read('hasVoted', poll.pollId, 1)).toBe(false)
  })

  test('behavior: polls mixed in one batch, returning to an earlier one', async () => {
    const [one, other] = [await setup.poll(), await setup.poll({ optionCount: 20 })]
    const ballots = [
      Voters.sign(one, 1, 1),
      Voters.sign(other, 1, 19),
      Voters.sign(one, 2, 1),
      Voters.sign(other, 1, 19),
      Voters.sign(one, 1, 0),
      Voters.sign(other, 2, 8),
    ]
    expect(await castBatch(ballots)).toEqual(
      batchCast(4, [3, other.pollId, 1, 7], [4, one.pollId, 1, 7]),
    )
    expect(await tally(one.pollId)).toEqual([0n, 2n, 0n])
    expect(await tally(other.pollId)).toEqual(
      Array.from({ length: 20 }, (_, i) => (i === 19 || i === 8 ? 1n : 0n)),
    )
  })

  test('behavior: polls with different registers in one batch', async () => {
    const [one, other] = [await setup.poll(), await setup.poll({ isForOthers: true })]
    const { first } = OTHER_VOTERS
    const ballots = [
      Voters.sign(one, 0, 0),
      Voters.sign(other, 0, 1, first),
      Voters.sign(one, 1, 0),
      Voters.sign(other, 2, 1, first + 2),
      Voters.sign(other, 1, 1),
      Voters.sign(one, 2, 0, first + 2),
    ]
    expect(await castBatch(ballots)).toEqual(
      batchCast(4, [4, other.pollId, 1, 6], [5, one.pollId, 2, 6]),
    )
    expect(await tally(one.pollId)).toEqual([2n, 0n, 0n])
    expect(await tally(other.pollId)).toEqual([0n, 2n, 0n])
  })

  test('behavior: skips an unknown poll', async () => {
    const poll = await setup.poll()
    const unknown = [0, 2 ** 32 - 1].map((pollId) => ({ ...Voters.sign(poll, 1, 0), pollId }))
    expect(await castBatch([...unknown, Voters.sign(poll, 1, 0)])).toEqual(
      batchCast(1, [0, 0, 1, 1], [1, 2 ** 32 - 1, 1, 1]),
    )
  })

  test('behavior: counts from opensAt to sealsAt, both included', async () => {
    const poll = await setup.poll({ opensIn: 100, closesIn: 200, sealsIn: 300 })
    const { pollId, opensAt, sealsAt } = poll
    expect(await castBatch([Voters.sign(poll, 1, 0)], opensAt - 1)).toEqual(
      batchCast(0, [0, pollId, 1, 2]),
    )
    expect(await castBatch([Voters.sign(poll, 1, 0)], opensAt)).toEqual(batchCast(1))
    expect(await castBatch([Voters.sign(poll, 2, 0)], sealsAt)).toEqual(batchCast(1))
    expect(await castBatch([Voters.sign(poll, 3, 0)], sealsAt + 1)).toEqual(
      batchCast(0, [0, pollId, 3, 3]),
    )
    expect(await tally(pollId)).toEqual([2n, 0n, 0n])
  })

  test('behavior: skips a choice that the poll does not have', async () => {
    const poll = await setup.poll()
    expect(await castBatch([Voters.sign(poll, 1, 3), Voters.sign(poll, 1, 2)])).toEqual(
      batchCast(1, [0, poll.pollId, 1, 4]),
    )
  })

  test.each<[string, (signature: Buffer) => void]>([
    ['v of 0', (signature) => signature.writeUInt8(0, 64)],
    ['v of 26', (signature) => signature.writeUInt8(26, 64)],
    ['v of 29', (signature) => signature.writeUInt8(29, 64)],
    ['r of 0', (signature) => signature.fill(0, 0, 32)],
    ['s of 0', (signature) => signature.fill(0, 32, 64)],
    [
      's in the upper half, the same signature otherwise',
      (signature) => {
        const s = SECP256K1_ORDER - BigInt(`0x${signature.toString('hex', 32, 64)}`)
        signature.write(s.toString(16).padStart(64, '0'), 32, 'hex')
        signature.writeUInt8(signature.readUInt8(64) === 27 ? 28 : 27, 64)
      },
    ],
  ])('behavior: skips a signature with %s', async (_, change) => {
    const poll = await setup.poll()
    const good = Voters.sign(poll, 1, 0)
    expect(await castBatch([signed(good, change), good])).toEqual(
      batchCast(1, [0, poll.pollId, 1, 5]),
    )
  })

  test('behavior: skips who is not the voter', async () => {
    const [poll, other] = [await setup.poll(), await setup.poll()]
    const good = Voters.sign(poll, 1, 0)
    const elsewhere: Poll = {
      ...poll,
      domain: { ...poll.domain, chainId: poll.domain.chainId + 1 },
    }
    const bad = [
      { ...good, voterIndex: 2 },
      { ...good, choice: 1 },
      { ...good, pollId: other.pollId },
      Voters.sign(elsewhere, 1, 0),
      Voters.sign({ ...poll, pollDigest: Buffer.alloc(32) }, 1, 0),
      Voters.sign(poll, VOTERS, 0),
      Voters.sign(poll, 2 * 1228, 0),
      { ...good, voterIndex: 2 ** 32 - 1 },
    ]
    expect(await castBatch([...bad, good])).toEqual(
      batchCast(
        1,
        ...bad.map(({ pollId, voterIndex }, position) => [position, pollId, voterIndex, 6]),
      ),
    )
  })

  test('behavior: skips a second ballot, in the same batch and in a later one', async () => {
    const poll = await setup.poll()
    const { pollId } = poll
    expect(await castBatch([Voters.sign(poll, 1, 0), Voters.sign(poll, 1, 1)])).toEqual(
      batchCast(1, [1, pollId, 1, 7]),
    )
    expect(await castBatch([Voters.sign(poll, 1, 0)])).toEqual(batchCast(0, [0, pollId, 1, 7]))
    expect(await tally(pollId)).toEqual([1n, 0n, 0n])
  })

  test('behavior: little gas reverts the batch, it skips nothing', async () => {
    const poll = await setup.poll()
    const batch = Batch.encode([Voters.sign(poll, 1, 0)])
    await setup.chain.undone(async () => {
      const { gasUsed } = await setup.box.send('castBatch', [batch])
      expect(gasUsed).toBeGreaterThan(60_000)
    })
    for (let gas = 30_000; gas < 60_000; gas += 400) {
      // oxlint-disable-next-line no-await-in-loop -- one chain, one transaction after the other
      await expect(setup.box.send('castBatch', [batch], { gas })).rejects.toThrow(
        /out of gas|without a reason/,
      )
    }
  })

  test.each([0, 73, 75, 147])('error: %d bytes', async (length) => {
    await expect(setup.box.send('castBatch', [Buffer.alloc(length, 1)])).rejects.toMatchObject({
      reason: 'BallotBoxMalformedBatch',
      args: [BigInt(length), 74n],
    })
  })

  test('error: a contract calls', async () => {
    const poll = await setup.poll()
    const probe = await setup.chain.deploy('Probe')
    const data = setup.box.wire.encodeFunctionData('castBatch', [
      Batch.encode([Voters.sign(poll, 1, 0)]),
    ])
    await expect(
      probe.send('forward', [setup.box.address, data], { errors: setup.box.wire }),
    ).rejects.toMatchObject({
      reason: 'BallotBoxCallerIsContract',
    })
  })
})

describe('cast', () => {
  test('default', async () => {
    const poll = await setup.poll()
    expect(await cast(poll, 1300)).toEqual([
      { name: 'BallotCast', args: [BigInt(poll.pollId), 1300n, 1n] },
    ])
    expect(await cast(poll, 1301, { choice: 2 })).toHaveLength(1)
    expect(await tally(poll.pollId)).toEqual([0n, 1n, 1n])
    expect(await read('hasVoted', poll.pollId, 1300)).toBe(true)
  })

  test('behavior: guards against a batch, and a batch against it', async () => {
    const poll = await setup.poll()
    await cast(poll, 1)
    expect(await castBatch([Voters.sign(poll, 1, 0), Voters.sign(poll, 2, 0)])).toEqual(
      batchCast(1, [0, poll.pollId, 1, 7]),
    )
    await expect(cast(poll, 2)).rejects.toMatchObject({
      reason: 'BallotBoxAlreadyVoted',
      args: [BigInt(poll.pollId), 2n],
    })
  })

  test('behavior: counts from opensAt to sealsAt, both included', async () => {
    const poll = await setup.poll({ opensIn: 100, closesIn: 200, sealsIn: 300 })
    const { opensAt, sealsAt } = poll
    const pollId = BigInt(poll.pollId)
    await expect(cast(poll, 1, { timestamp: opensAt - 1 })).rejects.toMatchObject({
      reason: 'BallotBoxNotOpen',
      args: [pollId, BigInt(opensAt), BigInt(opensAt - 1)],
    })
    await cast(poll, 1, { timestamp: opensAt })
    await cast(poll, 2, { timestamp: sealsAt })
    await expect(cast(poll, 3, { timestamp: sealsAt + 1 })).rejects.toMatchObject({
      reason: 'BallotBoxSealed',
      args: [pollId, BigInt(sealsAt), BigInt(sealsAt + 1)],
    })
  })

  test('error: unknown poll', async () => {
    const poll = await setup.poll()
    await expect(cast({ ...poll, pollId: 10_000 }, 1)).rejects.toMatchObject({
      reason: 'BallotBoxUnknownPoll',
      args: [10_000n],
    })
  })

  test('error: another digest', async () => {
    const poll = await setup.poll()
    const digest = `0x${'12'.repeat(32)}`
    await expect(cast(poll, 1, { digest })).rejects.toMatchObject({
      reason: 'BallotBoxWrongDigest',
      args: [BigInt(poll.pollId), digest, `0x${Buffer.from(poll.pollDigest).toString('hex')}`],
    })
  })

  test('error: bad choice', async () => {
    const poll = await setup.poll()
    await expect(cast(poll, 1, { choice: 3 })).rejects.toMatchObject({
      reason: 'BallotBoxBadChoice',
      args: [BigInt(poll.pollId), 3n, 3n],
    })
  })

  test.each([2, VOTERS, 2 * 1228, 2 ** 32, 2 ** 40])('error: voter 1 as %d', async (voterIndex) => {
    const poll = await setup.poll()
    await expect(cast(poll, voterIndex, { from: 1 })).rejects.toMatchObject({
      reason: 'BallotBoxNotRegistered',
      args: [BigInt(poll.pollId), BigInt(voterIndex), expect.anything()],
    })
  })

  test('error: an index so large that its chunk could be made by somebody else', async () => {
    const poll = await setup.poll()
    const voterIndex = 2 ** 40
    const probe = await setup.chain.deploy('Probe')
    const chunkIndex = Math.floor(voterIndex / REGISTER_CHUNK_VOTERS)
    const [chunk] = await probe.call('chunkAt', [setup.register.address, chunkIndex])
    const before = Buffer.alloc(1 + 20 * (voterIndex % REGISTER_CHUNK_VOTERS))
    const code = Buffer.concat([before, Voters.address(1)]).toString('hex')
    await setup.chain.request('hardhat_setCode', chunk, `0x${code}`)
    await expect(cast(poll, voterIndex, { from: 1 })).rejects.toMatchObject({
      reason: 'BallotBoxNotRegistered',
    })
  })

  test('error: a contract calls', async () => {
    const poll = await setup.poll()
    const probe = await setup.chain.deploy('Probe')
    const data = setup.box.wire.encodeFunctionData('cast', [poll.pollId, poll.pollDigest, 1, 0])
    await expect(
      probe.send('forward', [setup.box.address, data], { errors: setup.box.wire }),
    ).rejects.toMatchObject({
      reason: 'BallotBoxCallerIsContract',
      args: [expect.anything(), expect.anything()],
    })
  })
})

describe('ballotDigest', () => {
  test('default: what a wallet computes from the typed data', async () => {
    const poll = await setup.poll()
    const domain = { name: 'ballotstorm', version: '1', ...poll.domain }
    const fields = ['uint256 pollId', 'bytes32 pollDigest', 'uint256 choice'].map((field) => {
      const [type = '', name = ''] = field.split(' ')
      return { name, type }
    })
    const expected = TypedDataEncoder.hash(domain, { Ballot: fields }, { ...poll, choice: 2 })
    expect(await read('ballotDigest', poll.pollId, 2)).toBe(expected)
    expect(await read('domainSeparator')).toBe(TypedDataEncoder.hashDomain(domain))
    expect(await read('BALLOT_TYPEHASH')).toBe(
      id(TypedDataEncoder.from({ Ballot: fields }).encodeType('Ballot')),
    )
  })

  test('error: bad choice', async () => {
    const poll = await setup.poll()
    await expect(read('ballotDigest', poll.pollId, 3)).rejects.toMatchObject({
      reason: 'BallotBoxBadChoice',
    })
  })
})

describe('views', () => {
  test.each(['tally', 'poll', 'hasVoted', 'ballotDigest'])(
    'error: %s of an unknown poll',
    async (method) => {
      const args = [0, 10_000].map((pollId) =>
        method === 'tally' || method === 'poll' ? [pollId] : [pollId, 1],
      )
      for (const each of args) {
        await expect(setup.box.call(method, each)).rejects.toMatchObject({
          reason: 'BallotBoxUnknownPoll',
        })
      }
    },
  )
})
