import * as fc from 'fast-check'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { expect } from 'vitest'

import { deployActiveCitizen2017 } from '../../../chain/contracts/deployActiveCitizen2017.ts'
import * as activeCitizen2017 from '../../../metrics/contracts/activeCitizen2017.ts'
import type { FoundQuestion } from '../../../metrics/contracts/Decoder.ts'
import * as QuestionState from '../../../metrics/contracts/QuestionState.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import { artifact } from '../../../scripts/contracts.ts'
import * as Foreign from '../../fixtures/foreign-2017/Foreign.ts'
import type * as Anvil from '../anvil.ts'
import * as Calldata from './calldata.ts'
import { fuzz as fuzzBlocks, mineTogether, recount, type Counts } from './fuzz.ts'

const KEY = Buffer.alloc(32, 5)
const OWNER = Address.toHex(Address.fromPrivateKey(KEY))

type Deployer = Parameters<typeof Foreign.deploy>[0]

/** A contract of each compiler, with one question of version 1 and three options. */
export const DEPLOYMENTS = {
  'solc 0.8': async (deployer: Deployer): Promise<string> => {
    const [root, poll] = await Promise.all([artifact('Root'), artifact('Poll')])
    const bytecode = { root: root.bytecode, poll: poll.bytecode }
    const polls = [{ pollId: 1, question: 'Which?', options: ['a', 'b', 'c'] }]
    return (await deployActiveCitizen2017(deployer, { bytecode, polls })).root
  },
  'solc 0.4': (deployer: Deployer): Promise<string> => {
    const question = { id: 9, version: 1, answers: '["a","b","c"]', answerIds: [4, 5, 6] }
    return Foreign.deploy(deployer, [{ id: 1, questions: [question] }])
  },
} as const

/** A question behind a Root, and the node on which it stands. */
export type World = { anvil: Anvil.Anvil; main: string; question: FoundQuestion }

export async function found(
  anvil: Anvil.Anvil,
  deploy: (deployer: Deployer) => Promise<string>,
): Promise<World> {
  await anvil.request('anvil_impersonateAccount', OWNER)
  const main = await deploy({ rpcUrl: anvil.url, key: KEY, gasPriceWei: 0n })
  const [question] = await activeCitizen2017.decoder.findQuestions(Rpc.connect(anvil.url), main)
  if (question === undefined) throw new Error('no question')
  return { anvil, main, question }
}

const Block = Type.Object({ hash: Type.String(), parentHash: Type.String(), number: Type.String() })

/** A block of 60 million holds three of them. */
const GAS = '0x1312d00'

/**
 * Sends calldata to the question, all in one block. Throws where the question's result, or what it
 * holds of a voter, is not what was decoded.
 *
 * @returns how many it did not revert, and how many of those it counted.
 */
async function check(
  { anvil, main, question }: World,
  inputs: readonly string[],
): Promise<{ takenCount: number; countedCount: number }> {
  const { address } = question
  const node = Rpc.connect(anvil.url)
  const calls = inputs.map((input) => ({ from: OWNER, input, gas: GAS, gasPrice: '0x0' }))
  const mined = await mineTogether(anvil, address, calls)
  const executed = mined.filter((one) => one !== undefined)
  const block = Value.Parse(Block, await anvil.request('eth_getBlockByNumber', 'latest', false))
  const contracts = { main, questions: [question] }
  const { ballots } = activeCitizen2017.decoder.read(executed, contracts)
  const votes = activeCitizen2017.callsIn(executed, [question]).flatMap(({ vote }) => vote ?? [])
  // Whatever was carried out is understood.
  expect(votes).toHaveLength(executed.length)
  const counted = new Map(
    votes.flatMap(({ refusal, userKey, options }) =>
      refusal === undefined ? [[userKey, options]] : [],
    ),
  )
  const userKeys = [...new Set(votes.map(({ userKey }) => userKey))]
  const state = await QuestionState.read(node, block, { address, userKeys })
  expect(state.voterCount).toEqual({ before: 0, after: counted.size })
  expect(state.votes).toEqual(
    userKeys.map((key) => ({ before: [], after: counted.get(key) ?? [] })),
  )
  const at = { contracts, block: Number(block.number) }
  const tallies = await activeCitizen2017.decoder.readTallies(node, [1], at)
  expect(tallies.get(question.pollId)).toEqual([...recount(ballots), counted.size])
  return { takenCount: executed.length, countedCount: counted.size }
}

const VOTE = ActiveCitizen2017.question.getFunction('vote')?.selector ?? ''

/** Keys of our form, a few of them common, and bytes that are no text. */
const keys = fc.oneof(
  fc
    .nat({ max: 20 })
    .map((index) => Buffer.from(ActiveCitizen2017.userKey(index, `0x${'a1'.repeat(20)}`))),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
)

export const votes: fc.Arbitrary<string> = fc
  .tuple(keys, fc.array(fc.nat({ max: 2 }), { maxLength: 3 }), Calldata.layouts)
  .map(([userKey, options, layout]) => {
    const list = Buffer.concat(options.map((option) => Buffer.alloc(32).fill(option, 31)))
    const text = { count: 3, bytes: Buffer.from('yes') }
    const args = [
      1n,
      { count: userKey.length, bytes: userKey },
      { count: options.length, bytes: list },
      text,
      text,
    ]
    return Calldata.encode(VOTE, args, layout)
  })

/** Each block on the chain as it was; also how many votes the question counted. */
export async function fuzz(
  world: World,
  options: { seed: number; numRuns: number },
): Promise<Counts & { countedCount: number }> {
  let countedCount = 0
  const undone = async (act: () => Promise<void>): Promise<void> => {
    const snapshot = await world.anvil.request('evm_snapshot')
    try {
      await act()
    } finally {
      await world.anvil.request('evm_revert', snapshot)
    }
  }
  const checkBlock = async (block: readonly string[]): Promise<number> => {
    const ends = await check(world, block)
    countedCount += ends.countedCount
    return ends.takenCount
  }
  const counts = await fuzzBlocks(votes, { undone, check: checkBlock }, options)
  return { ...counts, countedCount }
}
