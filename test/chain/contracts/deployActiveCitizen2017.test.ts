import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  deployActiveCitizen2017,
  findQuestions,
} from '../../../chain/contracts/deployActiveCitizen2017.ts'
import * as Reader from '../../../chain/contracts/Reader.ts'
import * as Sender from '../../../chain/contracts/Sender.ts'
import * as ActiveCitizen2017 from '../../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Contracts from '../../../scripts/contracts.ts'
import * as Foreign from '../../fixtures/foreign-2017/Foreign.ts'
import * as Ground from './Ground.ts'

const POLLS = [
  { pollId: 1, question: 'Which park?', options: ['North; the old one', 'South', 'East'] },
  { pollId: 2, question: 'Ça va?', options: ['Oui', 'Non'] },
  { pollId: 3, question: 'x'.repeat(500), options: Array.from({ length: 30 }, (_, i) => `${i}`) },
]
const FOREIGN = [
  {
    id: 4711,
    questions: [
      { id: 90, version: 20_170_301, answers: 'Da;Net', answerIds: [17, 12] },
      { id: 91, version: 3, answers: 'no way to tell', answerIds: [5, 6, 7] },
    ],
  },
  { id: 12, questions: [{ id: 92, version: 1, answers: 'a,b', answerIds: [1, 2] }] },
]

let ground: Ground.Ground
let bytecode: { root: string; poll: string }
beforeAll(async () => {
  const [root, poll] = await Promise.all([Contracts.artifact('Root'), Contracts.artifact('Poll')])
  bytecode = { root: root.bytecode, poll: poll.bytecode }
  ground = await Ground.start()
}, Ground.START_TIMEOUT_MS)
afterAll(() => ground.close())

/** Votes as the owner, and tells whether the state then holds the vote. */
async function vote(
  deployer: Sender.Deployer,
  { address: to, version }: ActiveCitizen2017.Question,
  [voterIndex, choice]: [number, number],
): Promise<boolean> {
  const wire = ActiveCitizen2017.question
  const key = ActiveCitizen2017.userKey(voterIndex, `0x${'ab'.repeat(20)}`)
  const sender = await Sender.create(deployer)
  const data = wire.encodeFunctionData('vote', [version, key, [choice], '', ''])
  await sender.send({ name: 'vote', to, data, gasLimit: 400_000 })
  await sender.settle()
  const question = { to, wire, method: 'VoteOfUser', args: [key] }
  const [options] = await Reader.read(deployer, question)
  return options.length === 1 && options[0] === BigInt(choice)
}

describe('deployActiveCitizen2017', () => {
  test('default', async () => {
    const deployer = ground.deployer()
    const deployment = await deployActiveCitizen2017(deployer, { bytecode, polls: POLLS })
    expect(deployment).toMatchObject({
      chainId: 8995,
      root: Sender.createdAddress(deployer.key, 0),
      questions: POLLS.map(({ pollId }) => ({ pollId, version: 1 })),
    })
    const { questions } = await findQuestions({ ...deployer, root: deployment.root })
    expect(questions).toEqual(
      POLLS.map(({ pollId, options }, index) => ({
        ...deployment.questions[index],
        foreignPollId: pollId,
        options,
        results: options.map(() => 0),
        voterCount: 0,
      })),
    )
    for (const question of deployment.questions) {
      expect(await vote(deployer, question, [1, 1])).toBe(true)
    }
  })

  test('behavior: without polls there is a Root', async () => {
    const deployer = ground.deployer()
    const { root, questions } = await deployActiveCitizen2017(deployer, { bytecode, polls: [] })
    expect(questions).toEqual([])
    expect(await findQuestions({ ...deployer, root })).toMatchObject({ questions: [] })
  })

  test('error: texts that no block has room for', async () => {
    const options = Array.from({ length: 255 }, () => 'x'.repeat(200))
    const polls = [{ pollId: 1, question: 'Too much?', options }]
    await expect(
      deployActiveCitizen2017(ground.deployer(), { bytecode, polls }),
    ).rejects.toMatchObject({ code: 'DEPLOYMENT_REVERTED' })
  })
})

describe('findQuestions', () => {
  test('behavior: drives what somebody else compiled with a compiler of the time', async () => {
    const deployer = ground.deployer()
    const root = await Foreign.deploy(deployer, FOREIGN)
    const before = await findQuestions({ rpcUrl: ground.rpcUrl, root })
    expect(before.questions).toMatchObject([
      { pollId: 1, foreignPollId: 4711, version: 20_170_301, options: ['Da', 'Net'] },
      { pollId: 2, foreignPollId: 4711, options: ['option 0', 'option 1', 'option 2'] },
      { pollId: 3, foreignPollId: 12, version: 1, options: ['a', 'b'], results: [0, 0] },
    ])
    const [first] = before.questions
    if (first === undefined) throw new TypeError('There is no question.')
    expect(await vote(deployer, first, [5, 1])).toBe(true)
    expect(await vote(deployer, first, [6, 0])).toBe(true)
    // Neither a second vote nor a stranger's reverts: only the state tells.
    expect(await vote(deployer, first, [5, 0])).toBe(false)
    expect(await vote(ground.deployer(), first, [7, 0])).toBe(false)
    const after = await findQuestions({ rpcUrl: ground.rpcUrl, root })
    expect(after.questions[0]).toMatchObject({ results: [1, 1], voterCount: 2 })
    expect(after.blockNumber).toBeGreaterThan(before.blockNumber)
    expect(after.codeHash).toBe(before.codeHash)
  })

  test('error: nothing there', async () => {
    const root = `0x${'ab'.repeat(20)}`
    await expect(findQuestions({ rpcUrl: ground.rpcUrl, root })).rejects.toMatchObject({
      code: 'ROOT_NO_CONTRACT',
    })
  })

  test('error: another contract', async () => {
    const deployer = ground.deployer()
    const { root, questions } = await deployActiveCitizen2017(deployer, {
      bytecode,
      polls: POLLS.slice(0, 1),
    })
    expect(root).not.toBe(questions[0]?.address)
    await expect(
      findQuestions({ ...deployer, root: questions[0]?.address ?? '' }),
    ).rejects.toMatchObject({
      code: 'CONTRACT_NO_ANSWER',
      message: expect.stringContaining('getAllPollIds'),
    })
  })

  test('behavior: what cannot be voted on is named, and the rest is found', async () => {
    const deployer = ground.deployer()
    const open = { id: 7, version: 1n, answers: '', answerIds: [] }
    const single = { id: 8, version: 1n, answers: 'yes', answerIds: [1] }
    const root = await Foreign.deploy(deployer, [
      { id: 13, questions: [] },
      { id: 14, questions: [open, single] },
      ...FOREIGN,
    ])
    // Whoever owns the Root can point a poll at anything.
    const sender = await Sender.create(deployer)
    const wire = ActiveCitizen2017.root
    const data = wire.encodeFunctionData('pushAddress', [15, root])
    await sender.send({ name: 'point', to: root, data, gasLimit: 200_000 })
    await sender.settle()
    const { questions, leftOut } = await findQuestions({ ...deployer, root })
    expect(questions.map(({ pollId, options }) => [pollId, options.length])).toEqual([
      [1, 2],
      [2, 3],
      [3, 2],
    ])
    expect(
      leftOut.map(({ name, reason }) => [name.replace(/0x[0-9a-f]{40}/, '…'), reason]),
    ).toEqual([
      ['poll 13 (…)', 'it has no question'],
      ['question … of poll 14', 'it has no options: its answers are open'],
      ['question … of poll 14', 'it has a single option'],
      [`poll 15 (…)`, 'it is no poll of 2017'],
    ])
  })

  test('error: a version of more than 53 bits', async () => {
    const deployer = ground.deployer()
    const question = { id: 1, version: 2n ** 60n, answers: 'a,b', answerIds: [1, 2] }
    const root = await Foreign.deploy(deployer, [{ id: 1, questions: [question] }])
    await expect(findQuestions({ ...deployer, root })).rejects.toMatchObject({
      code: 'NUMBER_TOO_LARGE',
      message: expect.stringContaining(`${2n ** 60n}`),
    })
  })
})
