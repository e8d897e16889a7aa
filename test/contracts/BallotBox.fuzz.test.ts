import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type * as Ballot from '../../scenarios/ballots/Ballot.ts'
import * as Batch from '../../scenarios/ballots/Batch.ts'
import { isOpenTo } from '../../scenarios/ballots/Poll.ts'
import { START_TIMEOUT_MS, type Receipt } from './Chain.ts'
import { setUp, VOTERS, type Poll, type Setup } from './Setup.ts'
import * as Voters from './Voters.ts'

/** fast-check prints seed and path of a failure; with these fixed, every run is the same run. */
const OPTIONS = { seed: 2017, numRuns: 60 }
const TIMEOUT_MS = 120_000

const UNKNOWN_POLL = 1
const NOT_OPEN = 2
const SEALED = 3
const BAD_CHOICE = 4
const BAD_SIGNATURE = 5
const NOT_REGISTERED = 6
const ALREADY_VOTED = 7

/** Few voters, so that double votes are common; borders of bitmap words, chunks and register. */
const VOTER_INDEXES = [0, 1, 255, 256, 1226, 1227, 1228, 1229, VOTERS - 1, VOTERS, 2 ** 32 - 1]
const FLAWS = ['none', 'none', 'none', 'v', 'r', 'signer', 'choice', 'poll'] as const
const POLLS = ['open', 'large', 'house', 'early', 'sealed', 'unknown'] as const
/** Both ends lie at borders; some of {@link VOTER_INDEXES} are inside. */
const HOUSE = { firstVoter: 255, voterCount: 1228 - 255 }

/** A record of a batch before it is signed; `flaw` is what is wrong with its signature. */
type Wish = {
  poll: (typeof POLLS)[number]
  voterIndex: number
  choice: number
  flaw: (typeof FLAWS)[number]
}

const wish: fc.Arbitrary<Wish> = fc.record({
  poll: fc.constantFrom('open' as const, 'large' as const, ...POLLS),
  voterIndex: fc.constantFrom(...VOTER_INDEXES),
  choice: fc.nat({ max: 21 }),
  flaw: fc.constantFrom(...FLAWS),
})
const batches = fc.array(fc.array(wish, { minLength: 1, maxLength: 24 }), {
  minLength: 1,
  maxLength: 4,
})

type World = Setup & { polls: Record<Wish['poll'], Poll> }

async function world(name: 'BallotBox' | 'UnguardedBallotBox'): Promise<World> {
  const setup = await setUp(name)
  const open = await setup.poll({ optionCount: 3 })
  const large = await setup.poll({ optionCount: 20 })
  const house = await setup.poll({ slice: HOUSE })
  const early = await setup.poll({ opensIn: 1e5 })
  const sealed = await setup.poll({ closesIn: 1 })
  // The flaw `poll` signs for the poll after the ballot's, so the last one needs one after it.
  await setup.poll()
  const unknown = { ...open, pollId: 1_000 }
  return { ...setup, polls: { open, large, house, early, sealed, unknown } }
}

function sign(polls: World['polls'], { poll, voterIndex, choice, flaw }: Wish): Ballot.Ballot {
  const { pollId } = polls[poll]
  const source = flaw === 'poll' ? { ...polls[poll], pollId: pollId + 1 } : polls[poll]
  const signer = flaw === 'signer' ? voterIndex - 1 : voterIndex
  const ballot = Voters.sign(source, Math.max(0, signer), flaw === 'choice' ? choice + 1 : choice)
  const signature = Buffer.from(ballot.signature)
  if (flaw === 'v') signature.writeUInt8(signature.readUInt8(64) - 27, 64)
  if (flaw === 'r') signature.fill(0, 0, 32)
  return { pollId, voterIndex, choice, signature }
}

/** What should become of a record, by the poll's rules alone. */
function reasonFor(polls: World['polls'], voted: Set<string>, each: Wish): number {
  if (each.poll === 'unknown') return UNKNOWN_POLL
  if (each.poll === 'early') return NOT_OPEN
  if (each.poll === 'sealed') return SEALED
  if (each.choice >= polls[each.poll].optionCount) return BAD_CHOICE
  if (each.flaw === 'v' || each.flaw === 'r') return BAD_SIGNATURE
  // Nobody stands before voter 0: its flaw `signer` signs with the right key.
  const isForeign = each.flaw !== 'none' && !(each.flaw === 'signer' && each.voterIndex === 0)
  if (isForeign || each.voterIndex >= VOTERS) return NOT_REGISTERED
  if (each.poll === 'house' && !isOpenTo(HOUSE, each.voterIndex)) return NOT_REGISTERED
  return voted.has(`${each.poll} ${each.voterIndex}`) ? ALREADY_VOTED : 0
}

/** What the chain's record says: the calldata less the skips, by poll and option. */
function recount(poll: Poll, cast: readonly { calldata: Buffer; receipt: Receipt }[]): bigint[] {
  const votes = Array.from({ length: poll.optionCount }, () => 0n)
  for (const { calldata, receipt } of cast) {
    const skips = receipt.events.filter(({ name }) => name === 'BallotSkipped')
    const skipped = new Set(skips.map(({ args }) => Number(args[2])))
    for (const [position, { pollId, choice }] of Batch.decode(calldata).entries()) {
      const counted = pollId === poll.pollId && !skipped.has(position)
      if (counted) votes[choice] = (votes[choice] ?? 0n) + 1n
    }
  }
  return votes
}

/** Casts the batches; throws where a skip, a tally or a mark is not as it should be. */
async function check({ box, polls }: World, wishes: readonly (readonly Wish[])[]): Promise<void> {
  const voted = new Set<string>()
  const cast: { calldata: Buffer; receipt: Receipt }[] = []
  const votes = {
    open: recount(polls.open, []),
    large: recount(polls.large, []),
    house: recount(polls.house, []),
  }
  for (const batch of wishes) {
    const calldata = Batch.encode(batch.map((each) => sign(polls, each)))
    // oxlint-disable-next-line no-await-in-loop -- one chain, one transaction after the other
    const receipt = await box.send('castBatch', [calldata])
    cast.push({ calldata, receipt })
    const skips = batch.flatMap((each, position) => {
      const reason = reasonFor(polls, voted, each)
      const { poll, voterIndex, choice } = each
      if (reason !== 0) return [[polls[poll].pollId, voterIndex, position, reason].map(BigInt)]
      voted.add(`${poll} ${voterIndex}`)
      if (poll === 'open' || poll === 'large' || poll === 'house')
        votes[poll][choice] = (votes[poll][choice] ?? 0n) + 1n
      return []
    })
    const sums = [batch.length - skips.length, skips.length].map(BigInt)
    expect(receipt.events.map(({ args }) => args)).toEqual([...skips, sums])
  }
  for (const name of ['open', 'large', 'house'] as const) {
    const poll = polls[name]
    // oxlint-disable-next-line no-await-in-loop -- a failure names the first poll that differs
    const [tally] = await box.call('tally', [poll.pollId])
    expect([...tally]).toEqual(recount(poll, cast))
    expect([...tally]).toEqual(votes[name])
    for (const voterIndex of VOTER_INDEXES) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      const [hasVoted] = await box.call('hasVoted', [poll.pollId, voterIndex])
      expect(hasVoted).toBe(voted.has(`${name} ${voterIndex}`))
    }
  }
}

describe('castBatch', () => {
  let guarded: World
  let unguarded: World
  beforeAll(async () => {
    guarded = await world('BallotBox')
    unguarded = await world('UnguardedBallotBox')
  }, START_TIMEOUT_MS)
  afterAll(async () => {
    await guarded.chain.close()
    await unguarded.chain.close()
  })

  test(
    'behavior: any order and mix of ballots: tally = recount = expected, exactly the bad are skipped',
    async () => {
      const property = fc.asyncProperty(batches, (wishes) =>
        guarded.chain.undone(() => check(guarded, wishes)),
      )
      await expect(fc.assert(property, OPTIONS)).resolves.toBeUndefined()
    },
    TIMEOUT_MS,
  )

  test(
    'behavior: the same check fails on a box without the guard',
    async () => {
      const property = fc.asyncProperty(batches, (wishes) =>
        unguarded.chain.undone(() => check(unguarded, wishes)),
      )
      expect((await fc.check(property, { ...OPTIONS, endOnFailure: true })).failed).toBe(true)
    },
    TIMEOUT_MS,
  )
})
