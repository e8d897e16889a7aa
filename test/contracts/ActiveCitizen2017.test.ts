import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import * as ActiveCitizen2017 from '../../scenarios/ballots/ActiveCitizen2017.ts'
import * as Chain from './Chain.ts'

const VERSION = 7n
const ANSWER_IDS = [41n, 42n, 43n]
const VOTER = ActiveCitizen2017.userKey(1, `0x${'ab'.repeat(20)}`)
const OTHER = ActiveCitizen2017.userKey(2, `0x${'cd'.repeat(20)}`)

let chain: Chain.Chain
let poll: Chain.Contract
let question: Chain.Contract
let stranger: string

beforeAll(async () => {
  chain = await Chain.start()
  stranger = chain.accounts[1] ?? ''
}, Chain.START_TIMEOUT_MS)
afterAll(() => chain.close())

/** What a contract answers, lists of ethers as plain ones. */
const read = async (contract: Chain.Contract, method: string, ...args: unknown[]) => {
  const values = (await contract.call(method, args)).toArray(true)
  return values.length === 1 ? values[0] : values
}
const vote = async (
  userKey: string,
  options: readonly number[],
  version = VERSION,
  from?: string,
) => question.send('vote', [version, userKey, options, '', ''], { from })
const results = () => read(question, 'CurrentVersionResults')

beforeEach(async () => {
  poll = await chain.deploy('Poll', ['Parks', 'Where to begin'])
  await poll.send('addQuestion', [3, VERSION, 'Which park?', 'North;South;East', ANSWER_IDS])
  question = await chain.at('PollQuestion', (await read(poll, 'QuestionsAddress'))[0])
})

describe('the interface', () => {
  test.each([
    ['Root', ActiveCitizen2017.root],
    ['Poll', ActiveCitizen2017.poll],
    ['PollQuestion', ActiveCitizen2017.question],
    ['Root', ActiveCitizen2017.owned],
    ['Poll', ActiveCitizen2017.owned],
    ['PollQuestion', ActiveCitizen2017.owned],
  ] as const)('behavior: %s has all that is written down of it', async (name, wire) => {
    const own = (await chain.at(name, poll.address)).wire
    const forms = new Set(own.fragments.map((fragment) => fragment.format('minimal')))
    const wanted = wire.fragments.map((fragment) => fragment.format('minimal'))
    expect(wanted.filter((form) => !forms.has(form))).toEqual([])
  })
})

describe('vote', () => {
  test('default', async () => {
    const { events } = await question.send('vote', [VERSION, VOTER, [2], 'a fountain', 'shade'])
    expect(events).toEqual([])
    expect(await read(question, 'VoteOfUser', VOTER)).toEqual([[2n], 'a fountain', 'shade'])
    expect(await read(question, 'VoterCount')).toBe(1n)
    expect(await results()).toEqual([0n, 0n, 1n])
  })

  test('behavior: the answer of somebody who has not voted is empty', async () => {
    expect(await read(question, 'VoteOfUser', OTHER)).toEqual([[], '', ''])
  })

  test('behavior: a second vote succeeds, says VoteError 1, and changes nothing', async () => {
    await vote(VOTER, [0])
    const { events } = await vote(VOTER, [1])
    expect(events).toEqual([{ name: 'VoteError', args: [3n, VERSION, VOTER, 1n] }])
    expect(await read(question, 'VoteOfUser', VOTER)).toEqual([[0n], '', ''])
    expect(await read(question, 'VoterCount')).toBe(1n)
    expect(await results()).toEqual([1n, 0n, 0n])
  })

  test('behavior: an unknown version succeeds, says VoteError 2, and changes nothing', async () => {
    const { events } = await vote(VOTER, [0], 8n)
    expect(events).toEqual([{ name: 'VoteError', args: [3n, 8n, VOTER, 2n] }])
    expect(await read(question, 'VoteOfUser', VOTER)).toEqual([[], '', ''])
    expect(await read(question, 'VoterCount')).toBe(0n)
  })

  test('behavior: who voted in one version cannot vote in another', async () => {
    await vote(VOTER, [0])
    await question.send('addVersion', [8, 'Which park first?', 'North;South', [1, 2]])
    const { events } = await vote(VOTER, [1], 8n)
    expect(events).toEqual([{ name: 'VoteError', args: [3n, 8n, VOTER, 1n] }])
  })

  test('behavior: anybody but the owner gets AccessDenied, and changes nothing', async () => {
    const { events } = await vote(VOTER, [0], VERSION, stranger)
    expect(events).toEqual([
      { name: 'AccessDenied', args: [expect.stringMatching(new RegExp(stranger, 'i'))] },
    ])
    expect(await read(question, 'VoterCount')).toBe(0n)
  })

  test('behavior: several options count, and a repeated one counts repeatedly', async () => {
    await vote(VOTER, [0, 2])
    await vote(OTHER, [1, 1, 1])
    expect(await results()).toEqual([1n, 3n, 1n])
    expect(await read(question, 'VoterCount')).toBe(2n)
  })

  test('behavior: options are places in the results, not answer ids', async () => {
    await expect(vote(VOTER, [41])).rejects.toMatchObject({ reason: 'Panic', args: [0x32n] })
    expect(await read(question, 'VoterCount')).toBe(0n)
  })

  test('behavior: no option at all is a vote', async () => {
    await vote(VOTER, [])
    expect(await read(question, 'VoterCount')).toBe(1n)
    expect((await vote(VOTER, [0])).events).toMatchObject([{ name: 'VoteError' }])
  })

  test('behavior: any string is a key', async () => {
    await vote('somebody', [1])
    await vote('', [1])
    expect(await results()).toEqual([0n, 2n, 0n])
  })

  test('behavior: costs what the votes of 2017 cost', async () => {
    const voters = Array.from({ length: 6 }, (_, index) =>
      ActiveCitizen2017.userKey(index, `0x${'5e'.repeat(20)}`),
    )
    const gas: number[] = []
    // oxlint-disable-next-line no-await-in-loop -- one chain, one transaction after the other
    for (const [index, key] of voters.entries()) gas.push((await vote(key, [index % 3])).gasUsed)
    // The first vote of an option pays for its place in the results.
    const later = gas.slice(3)
    expect(Math.min(...later)).toBeGreaterThan(155_000)
    expect(Math.max(...later)).toBeLessThan(190_000)
  })
})

describe('addVersion', () => {
  test('default', async () => {
    await vote(VOTER, [1])
    const { events } = await question.send('addVersion', [8, 'Again', 'Yes;No', [51, 52]])
    expect(events).toEqual([{ name: 'VersionAdded', args: [3n, 8n] }])
    expect(await read(question, 'CurrentVersion')).toBe(8n)
    expect(await read(question, 'AllExistingVersions')).toEqual([7n, 8n])
    expect(await read(question, 'AnswersByVersion', 8)).toBe('Yes;No')
    expect(await read(question, 'AnswerIdsByVersion', 8)).toEqual([51n, 52n])
    expect(await results()).toEqual([0n, 0n])
  })

  test('behavior: earlier versions keep their results and take votes', async () => {
    await vote(VOTER, [1])
    await question.send('addVersion', [8, 'Again', 'Yes;No', [51, 52]])
    await vote(OTHER, [1])
    expect(await read(question, 'ResultsByVersion', VERSION)).toEqual([0n, 2n, 0n])
    expect(await results()).toEqual([0n, 0n])
    expect(await read(question, 'VoterCount')).toBe(2n)
  })

  test('behavior: a known number says VersionError, and changes nothing', async () => {
    const { events } = await question.send('addVersion', [VERSION, 'Again', 'Yes;No', [51, 52]])
    expect(events).toEqual([{ name: 'VersionError', args: [3n, VERSION] }])
    expect(await read(question, 'AnswersByVersion', VERSION)).toBe('North;South;East')
    expect(await read(question, 'AnswerIdsByVersion', VERSION)).toEqual(ANSWER_IDS)
  })

  test('behavior: an unknown version has neither results nor answers', async () => {
    expect(await read(question, 'ResultsByVersion', 8)).toEqual([])
    expect(await read(question, 'AnswersByVersion', 8)).toBe('')
  })

  test('behavior: anybody but the owner gets AccessDenied', async () => {
    const args = [8, 'Again', 'Yes;No', [51, 52]]
    const { events } = await question.send('addVersion', args, { from: stranger })
    expect(events).toMatchObject([{ name: 'AccessDenied' }])
    expect(await read(question, 'CurrentVersion')).toBe(VERSION)
  })
})

describe('changeOwner', () => {
  test('default', async () => {
    await question.send('changeOwner', [stranger])
    expect((await vote(VOTER, [0])).events).toMatchObject([{ name: 'AccessDenied' }])
    expect((await vote(VOTER, [0], VERSION, stranger)).events).toEqual([])
    expect(await read(question, 'VoterCount')).toBe(1n)
  })

  test('behavior: anybody but the owner gets AccessDenied', async () => {
    const { events } = await question.send('changeOwner', [stranger], { from: stranger })
    expect(events).toMatchObject([{ name: 'AccessDenied' }])
    expect((await vote(VOTER, [0])).events).toEqual([])
  })
})

describe('addQuestion', () => {
  test('default', async () => {
    const { events } = await poll.send('addQuestion', [9, 1, 'Sure?', 'Yes;No', [1, 2]])
    const addresses = await read(poll, 'QuestionsAddress')
    expect(addresses).toHaveLength(2)
    expect(events).toEqual([{ name: 'QuestionAdded', args: [addresses[1]] }])
    expect(await read(poll, 'QuestionIds')).toEqual([3n, 9n])
    const added = await chain.at('PollQuestion', addresses[1])
    expect(await read(added, 'CurrentVersion')).toBe(1n)
  })

  test('behavior: anybody but the owner gets AccessDenied', async () => {
    const args = [9, 1, 'Sure?', 'Yes;No', [1, 2]]
    const { events } = await poll.send('addQuestion', args, { from: stranger })
    expect(events).toMatchObject([{ name: 'AccessDenied' }])
    expect(await read(poll, 'QuestionIds')).toEqual([3n])
  })
})

describe('pushAddress', () => {
  const ONE = `0x${'11'.repeat(20)}`
  const TWO = `0x${'22'.repeat(20)}`
  let root: Chain.Contract
  beforeEach(async () => {
    root = await chain.deploy('Root')
    await root.send('pushAddress', [500, ONE])
  })

  test('default', async () => {
    const { events } = await root.send('pushAddress', [400, TWO])
    expect(events).toEqual([])
    expect(await read(root, 'Count')).toBe(2n)
    expect(await read(root, 'getAllPollIds')).toEqual([500n, 400n])
    expect(await read(root, 'getAllPollAddresses')).toEqual([ONE, TWO])
    expect(await read(root, 'getAddress', 400)).toBe(TWO)
    expect(await read(root, 'getAddress', 1)).toBe(`0x${'00'.repeat(20)}`)
  })

  test('behavior: a known poll is redirected without a word', async () => {
    const { events } = await root.send('pushAddress', [500, TWO])
    expect(events).toEqual([])
    expect(await read(root, 'Count')).toBe(1n)
    expect(await read(root, 'getAllPollAddresses')).toEqual([TWO])
  })

  test('behavior: anybody but the owner gets AccessDenied', async () => {
    const { events } = await root.send('pushAddress', [500, TWO], { from: stranger })
    expect(events).toMatchObject([{ name: 'AccessDenied' }])
    expect(await read(root, 'getAddress', 500)).toBe(ONE)
  })
})
