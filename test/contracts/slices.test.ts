import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Batch from '../../scenarios/ballots/Batch.ts'
import { digest } from '../../scenarios/ballots/Poll.ts'
import { START_TIMEOUT_MS } from './Chain.ts'
import { setUp, VOTERS, type Poll, type Setup } from './Setup.ts'
import * as Voters from './Voters.ts'

const NOT_REGISTERED = 6n
const ALREADY_VOTED = 7n

let setup: Setup
beforeAll(async () => {
  setup = await setUp()
}, START_TIMEOUT_MS)
afterAll(() => setup.chain.close())

/** A house with 60 voters over the border of two chunks. */
const HOUSE = { firstVoter: 1200, voterCount: 60 }
const FIRST = HOUSE.firstVoter
const LAST = HOUSE.firstVoter + HOUSE.voterCount - 1

const tally = async ({ pollId }: Poll): Promise<unknown> => [
  ...(await setup.box.call('tally', [pollId]))[0],
]
const hasVoted = async ({ pollId }: Poll, voterIndex: number): Promise<unknown> =>
  (await setup.box.call('hasVoted', [pollId, voterIndex]))[0]

/** Casts a batch; gives [pollId, voterIndex, reason] of each skip. */
const castBatch = async (
  ballots: readonly { poll: Poll; voter: number; choice?: number }[],
): Promise<unknown> => {
  const signed = ballots.map(({ poll, voter, choice = 1 }) => Voters.sign(poll, voter, choice))
  const { events } = await setup.box.send('castBatch', [Batch.encode(signed)])
  const skips = events.filter(({ name }) => name === 'BallotSkipped')
  return skips.map(({ args: [pollId, voterIndex, , reason] }) => [pollId, voterIndex, reason])
}
const cast = async (poll: Poll, voterIndex: number): Promise<unknown> => {
  const from = await setup.account(voterIndex)
  return setup.box.send('cast', [poll.pollId, poll.pollDigest, voterIndex, 1], { from })
}
const create = (firstVoter: number, voterCount: number): Promise<unknown> => {
  const times = [10, 20, 30]
  const whom = [setup.register.address, firstVoter, voterCount]
  return setup.box.send('createPoll', ['Shall we?', ['Yes', 'No'], ...whom, ...times])
}

describe('createPoll', () => {
  test('default: the slice stands in the event, in the view and in the digest', async () => {
    const poll = await setup.poll({ slice: HOUSE })
    const [view] = await setup.box.call('poll', [poll.pollId])
    expect(view.firstVoter).toBe(BigInt(HOUSE.firstVoter))
    expect(view.voterCount).toBe(BigInt(HOUSE.voterCount))
    expect(view.pollDigest).toBe(`0x${Buffer.from(poll.pollDigest).toString('hex')}`)
    const event = await create(7, 3)
    expect(event).toMatchObject({
      events: [
        {
          args: [
            expect.anything(),
            expect.anything(),
            expect.anything(),
            7n,
            3n,
            10n,
            20n,
            30n,
            'Shall we?',
            expect.anything(),
          ],
        },
      ],
    })
  })

  test('behavior: the slice that is the whole register is another electorate than no slice', async () => {
    const all = await setup.poll({ slice: { firstVoter: 0, voterCount: VOTERS } })
    const whole = await setup.poll()
    expect(all.pollDigest).not.toEqual(whole.pollDigest)
    const [view] = await setup.box.call('poll', [all.pollId])
    expect(view.pollDigest).toBe(`0x${Buffer.from(all.pollDigest).toString('hex')}`)
    expect(view.voterCount).toBe(BigInt(VOTERS))
  })

  test.each([
    [0, VOTERS + 1],
    [VOTERS, 1],
    [1, VOTERS],
    [5, 0],
    [2 ** 32 - 1, 2 ** 32 - 1],
  ])('error: voters from %d, %d of them', async (firstVoter, voterCount) => {
    await expect(create(firstVoter, voterCount)).rejects.toMatchObject({
      reason: 'BallotBoxBadSlice',
      args: [firstVoter, voterCount, VOTERS].map(BigInt),
    })
  })
})

describe('castBatch', () => {
  test('default: the first and the last voter of the slice count, their neighbours do not', async () => {
    const poll = await setup.poll({ slice: HOUSE })
    const pollId = BigInt(poll.pollId)
    const voters = [FIRST - 1, FIRST, LAST, LAST + 1, 0, VOTERS - 1]
    expect(await castBatch(voters.map((voter) => ({ poll, voter })))).toEqual(
      [FIRST - 1, LAST + 1, 0, VOTERS - 1].map((voter) => [pollId, BigInt(voter), NOT_REGISTERED]),
    )
    expect(await tally(poll)).toEqual([0n, 2n, 0n])
    const marks = await Promise.all(voters.map((voter) => hasVoted(poll, voter)))
    expect(marks).toEqual([false, true, true, false, false, false])
  })

  test('behavior: a second ballot is refused by the place in the slice', async () => {
    const poll = await setup.poll({ slice: HOUSE })
    const pollId = BigInt(poll.pollId)
    expect(await castBatch([{ poll, voter: FIRST }])).toEqual([])
    expect(
      await castBatch([
        { poll, voter: FIRST + 1 },
        { poll, voter: FIRST },
      ]),
    ).toEqual([[pollId, BigInt(FIRST), ALREADY_VOTED]])
  })

  test('behavior: polls with overlapping slices, and one for all, count apart', async () => {
    const house = await setup.poll({ slice: HOUSE })
    const street = await setup.poll({ slice: { firstVoter: LAST, voterCount: 200 } })
    const city = await setup.poll()
    const ballots = [FIRST, LAST, LAST + 1, LAST + 199, LAST + 200].flatMap((voter) =>
      [house, street, city].map((poll) => ({ poll, voter, choice: 0 })),
    )
    const skipped = [
      [street, FIRST],
      [house, LAST + 1],
      [house, LAST + 199],
      [house, LAST + 200],
      [street, LAST + 200],
    ] as const
    expect(await castBatch(ballots)).toEqual(
      skipped.map(([{ pollId }, voter]) => [BigInt(pollId), BigInt(voter), NOT_REGISTERED]),
    )
    expect(await tally(house)).toEqual([2n, 0n, 0n])
    expect(await tally(street)).toEqual([3n, 0n, 0n])
    expect(await tally(city)).toEqual([5n, 0n, 0n])
  })

  test('behavior: each of 255 options keeps a count of its own beside the slice', async () => {
    const poll = await setup.poll({ slice: { firstVoter: 256, voterCount: 600 }, optionCount: 255 })
    const ballots = Array.from({ length: 510 }, (_, index) => ({
      poll,
      voter: 256 + index,
      choice: index % 255,
    }))
    expect(await castBatch(ballots)).toEqual([])
    expect(await tally(poll)).toEqual(Array.from({ length: 255 }, () => 2n))
    const [view] = await setup.box.call('poll', [poll.pollId])
    expect([view.firstVoter, view.voterCount]).toEqual([256n, 600n])
  })

  test('behavior: a ballot for the same texts and another slice does not count', async () => {
    const poll = await setup.poll({ slice: HOUSE })
    const [commitment] = await setup.register.call('commitment', [])
    const options = Array.from({ length: 3 }, (_, index) => `Park ${index}`)
    const moved = { ...HOUSE, voterCount: HOUSE.voterCount - 1 }
    const other = digest(
      { question: 'Which park?', options, slice: moved },
      Buffer.from(String(commitment).slice(2), 'hex'),
    )
    expect(await castBatch([{ poll: { ...poll, pollDigest: other }, voter: FIRST }])).toEqual([
      [BigInt(poll.pollId), BigInt(FIRST), NOT_REGISTERED],
    ])
  })
})

describe('cast', () => {
  test.each([FIRST, LAST])('default: voter %d of the slice', async (voter) => {
    const poll = await setup.poll({ slice: HOUSE })
    await cast(poll, voter)
    expect(await tally(poll)).toEqual([0n, 1n, 0n])
    await expect(cast(poll, voter)).rejects.toMatchObject({ reason: 'BallotBoxAlreadyVoted' })
  })

  test.each([FIRST - 1, LAST + 1])('error: voter %d, of the next house', async (voter) => {
    const poll = await setup.poll({ slice: HOUSE })
    await expect(cast(poll, voter)).rejects.toMatchObject({
      reason: 'BallotBoxNotRegistered',
      args: [BigInt(poll.pollId), BigInt(voter), expect.anything()],
    })
  })
})
