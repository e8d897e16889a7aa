import * as fc from 'fast-check'
import { expect } from 'vitest'

import * as ballotAnchor from '../../../metrics/contracts/ballotAnchor.ts'
import * as ballotBox from '../../../metrics/contracts/ballotBox.ts'
import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import type * as Chain from '../../contracts/Chain.ts'
import { setUp, type Poll, type Setup } from '../../contracts/Setup.ts'
import * as Voters from '../../contracts/Voters.ts'
import * as Calldata from './calldata.ts'
import { fuzz as fuzzBlocks, mineTogether, recount, type Counts } from './fuzz.ts'

const OPTION_COUNT = 3

/** Few, so that second ballots are common. */
const VOTERS = 7

/** A BallotBox and a BallotAnchor on a chain in this process, each with a poll of three options. */
export type World = { setup: Setup; poll: Poll; anchor: Chain.Contract }

export async function found(): Promise<World> {
  const setup = await setUp()
  const poll = await setup.poll({ optionCount: OPTION_COUNT })
  const anchor = await setup.chain.deploy('BallotAnchor', [Buffer.alloc(32, 5)])
  const nobody = `0x${'00'.repeat(20)}`
  await anchor.send('createPoll', ['Which?', ['a', 'b', 'c'], nobody, 0, 0, 0, 2e9, 3e9])
  for (let voter = 0; voter < VOTERS; voter += 1) await setup.account(voter)
  return { setup, poll, anchor }
}

/** Calldata, and who sends it. */
export type Call = { input: string; from: string }

/** Far more than any of these calls takes; a block holds several. */
const GAS = '0x4c4b40'

function execute(
  { setup: { chain } }: World,
  { address }: Chain.Contract,
  calls: readonly Call[],
): ReturnType<typeof mineTogether> {
  return mineTogether(
    chain,
    address,
    calls.map((call) => ({ ...call, gas: GAS })),
  )
}

/**
 * Throws where the BallotBox takes other calls than the decoder, or counts other ballots.
 *
 * @returns how many it took.
 */
export async function checkBox(
  world: World,
  calls: readonly Call[],
  decode: (input: string) => unknown = ballotBox.decodeCall,
): Promise<number> {
  const { box } = world.setup
  const executed = await execute(world, box, calls)
  for (const [index, { input }] of calls.entries()) {
    // A voter's own transaction is also reverted for what it says, not only for its form.
    const isForm = decode(input) !== undefined
    const isBatch = input.startsWith(SELECTORS.castBatch)
    if (isBatch || !isForm) expect(isForm).toBe(executed[index] !== undefined)
  }
  const taken = executed.filter((one) => one !== undefined)
  const contracts = { main: box.address.toLowerCase(), questions: [] }
  const reading = ballotBox.decoder.read(taken, contracts)
  expect(reading.contradictions).toEqual([])
  expect((await box.call('tally', [world.poll.pollId])).toArray(true)[0]).toEqual(
    recount(reading.ballots).map(BigInt),
  )
  return taken.length
}

/** The same for the BallotAnchor. */
export async function checkAnchor(world: World, calls: readonly Call[]): Promise<number> {
  const { anchor } = world
  const executed = await execute(world, anchor, calls)
  for (const [index, { input }] of calls.entries()) {
    const call = ballotAnchor.decodeCall(input)
    const isForPoll = call?.ballots.every(({ pollId }) => pollId === 1) ?? false
    expect(executed[index] !== undefined).toBe(isForPoll)
  }
  const taken = executed.filter((one) => one !== undefined)
  const contracts = { main: anchor.address.toLowerCase(), questions: [] }
  const { ballots, contradictions } = ballotAnchor.decoder.read(taken, contracts)
  // A root says whether these are the ballots that were meant, not how many there are.
  const others = contradictions.filter(({ reason }) => !reason.includes('Merkle root'))
  expect(others).toEqual([])
  expect((await anchor.call('ballotCount', [1]))[0]).toBe(BigInt(ballots.length))
  return taken.length
}

export const SELECTORS = {
  castBatch: ballotBox.decoder.mark,
  cast: Contract.ballotBox.getFunction('cast')?.selector ?? '',
  anchor: ballotAnchor.decoder.mark,
}

const indexes = fc.array(fc.nat({ max: VOTERS - 1 }), { maxLength: 6 })

export function batches({ poll, setup }: World): fc.Arbitrary<Call> {
  const from = setup.chain.accounts[0] ?? ''
  return fc.tuple(indexes, Calldata.layouts).map(([voters, layout]) => {
    const ballots = voters.map((voterIndex) => Voters.sign(poll, voterIndex, voterIndex % 4))
    const bytes = Batch.encode(ballots)
    return {
      from,
      input: Calldata.encode(SELECTORS.castBatch, [{ count: bytes.length, bytes }], layout),
    }
  })
}

function rarely<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: fc.constant(usual), weight: 12 }, fc.constantFrom(...others))
}

/** Voters' own transactions: mostly right, some for another voter, poll, or option. */
export function casts({ poll }: World): fc.Arbitrary<Call> {
  const digest = BigInt(`0x${Buffer.from(poll.pollDigest).toString('hex')}`)
  return fc
    .tuple(
      fc.nat({ max: VOTERS - 1 }),
      fc.nat({ max: 2 }),
      rarely(0n, 1n, 2n ** 32n, 2n ** 255n),
      rarely(0n, 1n, 2n ** 32n),
      rarely(0n, 3n, 2n ** 8n, 2n ** 64n),
      rarely(digest, 0n, digest + 1n),
      Calldata.layouts,
    )
    .map(([voter, choice, pollShift, voterShift, choiceShift, pollDigest, layout]) => {
      const args = [BigInt(poll.pollId) + pollShift, pollDigest]
      const more = [BigInt(voter) + voterShift, BigInt(choice) + choiceShift]
      const cutBytes = Math.min(layout.cutBytes, 64)
      const input = Calldata.encode(SELECTORS.cast, [...args, ...more], { ...layout, cutBytes })
      return { from: `0x${Voters.address(voter).toString('hex')}`, input }
    })
}

export function anchors({ setup }: World): fc.Arbitrary<Call> {
  const from = setup.chain.accounts[0] ?? ''
  return fc.tuple(indexes, Calldata.layouts).map(([voters, layout]) => {
    const ballots = voters.map((voterIndex) => ({ pollId: 1, voterIndex, choice: voterIndex % 3 }))
    const root = ballots.length === 0 ? 7n : BigInt(Anchor.root(ballots))
    const bytes = Anchor.encode(ballots)
    const args = [root, { count: bytes.length, bytes }]
    return { from, input: Calldata.encode(SELECTORS.anchor, args, layout) }
  })
}

/** Kinds of calls, and what each is checked by. */
export const KINDS = {
  castBatch: [batches, checkBox],
  cast: [casts, checkBox],
  'cast and castBatch in one block': [
    (world: World): fc.Arbitrary<Call> => fc.oneof(casts(world), batches(world)),
    checkBox,
  ],
  anchor: [anchors, checkAnchor],
} as const

/** Each block on the chain as it was. */
export function fuzz(
  world: World,
  [calls, check]: readonly [
    (world: World) => fc.Arbitrary<Call>,
    (world: World, calls: readonly Call[]) => Promise<number>,
  ],
  options: { seed: number; numRuns: number; endOnFailure?: boolean },
): Promise<Counts> {
  const { chain } = world.setup
  const undone = (act: () => Promise<void>): Promise<void> => chain.undone(act)
  return fuzzBlocks(calls(world), { undone, check: (block) => check(world, block) }, options)
}
