import * as fc from 'fast-check'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { deployActiveCitizen2017 } from '../../../chain/contracts/deployActiveCitizen2017.ts'
import * as activeCitizen2017 from '../../../metrics/contracts/activeCitizen2017.ts'
import type { FoundQuestion } from '../../../metrics/contracts/Decoder.ts'
import * as QuestionState from '../../../metrics/contracts/QuestionState.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import { artifact } from '../../../scripts/contracts.ts'
import * as Foreign from '../../fixtures/foreign-2017/Foreign.ts'
import * as Anvil from '../anvil.ts'
import { mined } from '../audit/mined.ts'
import * as Calldata from './calldata.ts'

const OPTIONS = { seed: 2017, numRuns: 120 }
const TIMEOUT_MS = 120_000

let anvil: Anvil.Anvil
let node: Rpc.Rpc
const key = Buffer.alloc(32, 5)
const owner = Address.toHex(Address.fromPrivateKey(key))
beforeAll(async () => {
  anvil = await Anvil.start()
  node = Rpc.connect(anvil.url)
  await anvil.request('anvil_impersonateAccount', owner)
}, TIMEOUT_MS)
afterAll(() => anvil.stop())

/** A contract of each compiler, with one question of version 1 and three options. */
const DEPLOYMENTS = {
  'solc 0.8': async (deployer: Parameters<typeof Foreign.deploy>[0]) => {
    const [root, poll] = await Promise.all([artifact('Root'), artifact('Poll')])
    const bytecode = { root: root.bytecode, poll: poll.bytecode }
    const polls = [{ pollId: 1, question: 'Which?', options: ['a', 'b', 'c'] }]
    return (await deployActiveCitizen2017(deployer, { bytecode, polls })).root
  },
  'solc 0.4': (deployer: Parameters<typeof Foreign.deploy>[0]) => {
    const question = { id: 9, version: 1, answers: '["a","b","c"]', answerIds: [4, 5, 6] }
    return Foreign.deploy(deployer, [{ id: 1, questions: [question] }])
  },
}

const Receipt = Type.Object({
  status: Type.String(),
  blockHash: Type.String(),
  logs: Type.Array(
    Type.Object({
      address: Type.String(),
      topics: Type.Array(Type.String()),
      data: Type.String(),
    }),
  ),
})
const Block = Type.Object({ hash: Type.String(), parentHash: Type.String(), number: Type.String() })

/** Sends calldata to the question. Throws where its result or the vote is not what was decoded. */
async function check(
  question: FoundQuestion,
  main: string,
  input: string,
): Promise<'reverted' | 'counted' | 'refused'> {
  const call = { from: owner, to: question.address, data: input, gas: '0x1c9c380', gasPrice: '0x0' }
  const hash = await mined(anvil, String(await anvil.request('eth_sendTransaction', call)))
  const receipt = Value.Parse(Receipt, await anvil.request('eth_getTransactionReceipt', hash))
  const block = Value.Parse(Block, await anvil.request('eth_getBlockByNumber', 'latest', false))
  const isDone = receipt.status === '0x1'
  const executed = isDone ? [{ hash, to: question.address, input, logs: receipt.logs }] : []
  const contracts = { main, questions: [question] }
  const { ballots } = activeCitizen2017.decoder.read(executed, contracts)
  const recount = [0, 0, 0]
  for (const { choice, skipReason } of ballots) {
    if (skipReason === 0) recount[choice] = (recount[choice] ?? 0) + 1
  }
  const [one] = activeCitizen2017.callsIn(executed, [question])
  // Whatever was carried out is understood.
  expect(one?.vote !== undefined).toBe(isDone)
  const userKeys = one?.vote === undefined ? [] : [one.vote.userKey]
  const { address } = question
  const state = await QuestionState.read(node, block, { address, userKeys })
  const isCounted = one?.vote !== undefined && one.vote.refusal === undefined
  expect(state.voterCount).toEqual({ before: 0, after: isCounted ? 1 : 0 })
  const options = isCounted ? one.vote?.options : []
  expect(state.votes).toEqual(userKeys.map(() => ({ before: [], after: options })))
  const at = { contracts, block: Number(block.number) }
  const tallies = await activeCitizen2017.decoder.readTallies(node, [1], at)
  expect(tallies.get(question.pollId)).toEqual([...recount, isCounted ? 1 : 0])
  return isDone ? (isCounted ? 'counted' : 'refused') : 'reverted'
}

const VOTE = ActiveCitizen2017.question.getFunction('vote')?.selector ?? ''

/** Keys of our form, and bytes that are no text. */
const keys = fc.oneof(
  fc.nat().map((index) => Buffer.from(ActiveCitizen2017.userKey(index, `0x${'a1'.repeat(20)}`))),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
)
const votes = fc
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

describe.each(Object.entries(DEPLOYMENTS))('decodeCall of vote, %s', (_, deploy) => {
  test(
    'default: what the contract has counted, and how',
    async () => {
      const main = await deploy({ rpcUrl: anvil.url, key, gasPriceWei: 0n })
      const [question] = await activeCitizen2017.decoder.findQuestions(node, main)
      const ends: string[] = []
      const property = fc.asyncProperty(votes, async (input) => {
        const snapshot = await anvil.request('evm_snapshot')
        try {
          if (question !== undefined) ends.push(await check(question, main, input))
        } finally {
          await anvil.request('evm_revert', snapshot)
        }
      })
      await expect(fc.assert(property, OPTIONS)).resolves.toBeUndefined()
      for (const end of ['counted', 'reverted']) expect(ends).toContain(end)
    },
    TIMEOUT_MS,
  )
})
