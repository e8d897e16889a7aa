import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import * as Anchor from '../../scenarios/ballots/Anchor.ts'
import { digest, type Slice } from '../../scenarios/ballots/Poll.ts'
import * as Chain from './Chain.ts'

const COMMITMENT = Buffer.alloc(32, 5)
const NOBODY = `0x${'00'.repeat(20)}`
const TEXT = { question: 'Which park?', options: ['North', 'South', 'East'] }
const FAR_S = 4_102_444_800

let chain: Chain.Chain
let anchor: Chain.Contract

beforeAll(async () => {
  chain = await Chain.start()
}, Chain.START_TIMEOUT_MS)
afterAll(() => chain.close())
beforeEach(async () => {
  anchor = await chain.deploy('BallotAnchor', [COMMITMENT])
})

const read = async (method: string, ...args: unknown[]): Promise<unknown> =>
  (await anchor.call(method, args))[0]

type Wish = { slice?: Slice; options?: string[]; register?: string; times?: number[] }
const createPoll = (wish: Wish = {}, from?: string): Promise<Chain.Receipt> => {
  const { slice, options = TEXT.options, register = NOBODY, times = [0, FAR_S, FAR_S] } = wish
  const electorate = [register, slice?.firstVoter ?? 0, slice?.voterCount ?? 0]
  return anchor.send('createPoll', [TEXT.question, options, ...electorate, ...times], { from })
}
const send = (
  ballots: readonly Anchor.Anchored[],
  options: Chain.SendOptions = {},
): Promise<Chain.Receipt> =>
  anchor.send('anchor', [Anchor.root(ballots), Anchor.encode(ballots)], options)
const ballotsOf = (pollId: number, count: number, first = 0): Anchor.Anchored[] =>
  Array.from({ length: count }, (_, index) => ({
    pollId,
    voterIndex: first + index,
    choice: index % 3,
  }))

describe('createPoll', () => {
  test.each([
    ['the whole register', undefined],
    ['a slice', { firstVoter: 0, voterCount: 300 }],
    ['a later slice', { firstVoter: 1000, voterCount: 1 }],
  ])('default: %s', async (_, slice) => {
    const { events } = await createPoll(slice === undefined ? {} : { slice })
    const pollDigest = `0x${digest({ ...TEXT, slice }, COMMITMENT).toString('hex')}`
    const electorate = [slice?.firstVoter ?? 0, slice?.voterCount ?? 0].map(BigInt)
    const times = [0n, BigInt(FAR_S), BigInt(FAR_S)]
    expect(events).toEqual([
      {
        name: 'PollCreated',
        args: [1n, pollDigest, NOBODY, ...electorate, ...times, TEXT.question, TEXT.options],
      },
    ])
    expect(await read('pollCount')).toBe(1n)
    expect(await read('ballotCount', 1)).toBe(0n)
    expect(await read('registerCommitment')).toBe(`0x${COMMITMENT.toString('hex')}`)
  })

  test('behavior: is announced as by a BallotBox', async () => {
    const box = await chain.deploy('BallotBox')
    const { wire } = anchor
    for (const name of ['createPoll', 'PollCreated'] as const) {
      const fragment = (each: typeof wire) =>
        (name === 'createPoll' ? each.getFunction(name) : each.getEvent(name))?.format('full')
      expect(fragment(wire)).toBe(fragment(box.wire))
      expect(fragment(Anchor.ballotAnchor)).toBe(fragment(wire))
    }
  })

  test.each([0, 1, 256])('error: %d options', async (length) => {
    const options = Array.from({ length }, () => 'x')
    await expect(createPoll({ options })).rejects.toMatchObject({
      reason: 'BallotAnchorBadOptionCount',
      args: [BigInt(length)],
    })
  })

  test.each([
    [20, 20, 30],
    [21, 20, 30],
    [10, 20, 19],
  ])('error: times %d, %d, %d', async (...times) => {
    await expect(createPoll({ times })).rejects.toMatchObject({
      reason: 'BallotAnchorBadTimes',
      args: times.map(BigInt),
    })
  })

  test('error: a register', async () => {
    await expect(createPoll({ register: anchor.address })).rejects.toMatchObject({
      reason: 'BallotAnchorRegisterGiven',
    })
  })

  test('error: a slice of nobody', async () => {
    const slice = { firstVoter: 3, voterCount: 0 }
    await expect(createPoll({ slice })).rejects.toMatchObject({
      reason: 'BallotAnchorBadSlice',
      args: [3n, 0n],
    })
  })

  test('error: not the organiser', async () => {
    await expect(createPoll({}, chain.accounts[1])).rejects.toMatchObject({
      reason: 'BallotAnchorUnauthorizedCaller',
      args: [expect.anything(), await read('organiser')],
    })
    expect(String(await read('organiser')).toLowerCase()).toBe(chain.accounts[0])
  })
})

describe('anchor', () => {
  beforeEach(async () => {
    await createPoll()
    await createPoll()
  })

  test('default', async () => {
    const ballots = ballotsOf(1, 5)
    const { events } = await send(ballots)
    const root = Anchor.root(ballots)
    expect(events).toEqual([{ name: 'BallotsAnchored', args: [1n, root, 5n] }])
    expect(await read('rootOf', 1)).toBe(root)
    expect(await read('batchCount')).toBe(1n)
    expect(await read('ballotCount', 1)).toBe(5n)
    expect(await read('ballotCount', 2)).toBe(0n)
  })

  test('behavior: polls mixed in one batch, returning to an earlier one', async () => {
    const ballots = [...ballotsOf(2, 3), ...ballotsOf(1, 1), ...ballotsOf(2, 300, 3)]
    await send(ballots)
    const { events } = await send(ballotsOf(1, 2, 1))
    expect(events).toMatchObject([{ args: [2n, expect.anything(), 2n] }])
    expect(await read('ballotCount', 1)).toBe(3n)
    expect(await read('ballotCount', 2)).toBe(303n)
    expect(await read('batchCount')).toBe(2n)
  })

  test('behavior: the largest group, and one more ballot', async () => {
    const { events } = await send(ballotsOf(1, Anchor.GROUP_BALLOTS_MAX + 1))
    expect(events).toMatchObject([{ args: [1n, expect.anything(), 65_536n] }])
    expect(await read('ballotCount', 1)).toBe(65_536n)
  })

  test('behavior: looks at neither voters nor choices nor the root', async () => {
    const ballots = [1, 1].map((pollId) => ({ pollId, voterIndex: 2 ** 32 - 1, choice: 255 }))
    const root = `0x${'77'.repeat(32)}`
    const { events } = await anchor.send('anchor', [root, Anchor.encode(ballots)])
    expect(events).toEqual([{ name: 'BallotsAnchored', args: [1n, root, 2n] }])
  })

  test('behavior: takes ballots from opensAt to sealsAt, both included', async () => {
    const now = await chain.now()
    const [opensAt, sealsAt] = [now + 100, now + 300]
    await createPoll({ times: [opensAt, now + 200, sealsAt] })
    const ballots = ballotsOf(3, 2)
    await expect(send(ballots, { timestamp: opensAt - 1 })).rejects.toMatchObject({
      reason: 'BallotAnchorNotOpen',
      args: [3n, opensAt, opensAt - 1].map(BigInt),
    })
    await send(ballots, { timestamp: opensAt })
    await send(ballots, { timestamp: sealsAt })
    await expect(send(ballots, { timestamp: sealsAt + 1 })).rejects.toMatchObject({
      reason: 'BallotAnchorSealed',
      args: [3n, sealsAt, sealsAt + 1].map(BigInt),
    })
    expect(await read('ballotCount', 3)).toBe(4n)
  })

  test('behavior: a refused group takes the whole batch with it', async () => {
    await expect(send([...ballotsOf(1, 3), ...ballotsOf(9, 1)])).rejects.toMatchObject({
      reason: 'BallotAnchorUnknownPoll',
      args: [9n],
    })
    expect(await read('ballotCount', 1)).toBe(0n)
    expect(await read('batchCount')).toBe(0n)
  })

  test.each([0, 2 ** 32 - 1])('error: unknown poll %d', async (pollId) => {
    await expect(send(ballotsOf(pollId, 1))).rejects.toMatchObject({
      reason: 'BallotAnchorUnknownPoll',
      args: [BigInt(pollId)],
    })
  })

  const GOOD = Anchor.encode(ballotsOf(1, 2))
  test.each([
    ['nothing', Buffer.alloc(0), 0],
    ['a cut header', GOOD.subarray(0, 5), 0],
    ['a header alone', GOOD.subarray(0, 6), 0],
    ['a cut ballot', GOOD.subarray(0, 15), 0],
    ['an empty group', Buffer.concat([GOOD, Buffer.from('000000010000', 'hex')]), 16],
    ['a byte too many', Buffer.concat([GOOD, Buffer.alloc(1)]), 16],
    ['a second group cut', Buffer.concat([GOOD, GOOD.subarray(0, 12)]), 16],
  ])('error: %s, as for the decoder', async (_, packed, position) => {
    expect(() => Anchor.decode(packed)).toThrow(Anchor.MalformedError)
    await expect(anchor.send('anchor', [`0x${'77'.repeat(32)}`, packed])).rejects.toMatchObject({
      reason: 'BallotAnchorMalformedBatch',
      args: [packed.length, position].map(BigInt),
    })
  })

  test('error: not the organiser', async () => {
    await expect(send(ballotsOf(1, 1), { from: chain.accounts[1] })).rejects.toMatchObject({
      reason: 'BallotAnchorUnauthorizedCaller',
    })
  })

  test('error: a contract, even where it is the organiser', async () => {
    const probe = await chain.deploy('Probe')
    const slot = `0x${probe.address.slice(2).padStart(64, '0')}`
    await chain.undone(async () => {
      await chain.request('hardhat_setStorageAt', anchor.address, '0x0', slot)
      const ballots = ballotsOf(1, 1)
      const args = [Anchor.root(ballots), Anchor.encode(ballots)]
      const data = anchor.wire.encodeFunctionData('anchor', args)
      await expect(
        probe.send('forward', [anchor.address, data], { errors: anchor.wire }),
      ).rejects.toMatchObject({ reason: 'BallotAnchorCallerIsContract' })
    })
  })

  test('behavior: a ballot costs little more than its bytes', async () => {
    const { gasUsed } = await send(ballotsOf(1, 4_000, 1_000_000))
    expect(gasUsed / 4_000).toBeLessThan(200)
  })
})

describe('ballotCount', () => {
  test('error: unknown poll', async () => {
    await expect(read('ballotCount', 1)).rejects.toMatchObject({
      reason: 'BallotAnchorUnknownPoll',
      args: [1n],
    })
  })
})
