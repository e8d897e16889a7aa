import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import * as Polls from '../../../metrics/audit/Polls.ts'
import * as Voters from '../../../metrics/audit/Voters.ts'
import type { Poll } from '../../../metrics/contracts/Decoder.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as BallotBox from '../../../metrics/contracts/ballotBox.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as RecordedCity from '../RecordedCity.ts'

let city: RecordedCity.RecordedCity
let liar: RecordedNode.RecordedNode
let honest: Rpc.Rpc
let lying: Rpc.Rpc
let poll: Poll

beforeAll(async () => {
  city = await RecordedCity.open('ballot-box')
  liar = await RecordedNode.start(city.recording)
  honest = Rpc.connect(city.node.url)
  lying = Rpc.connect(liar.url)
  const executed = city.recording.blocks.flatMap(({ transactions }) =>
    transactions.map(({ hash, to, input }) => ({
      hash,
      to,
      input,
      logs: city.recording.receipts[hash]?.logs ?? [],
    })),
  )
  const contracts = { main: city.ballotBox, questions: [] }
  const [found] = BallotBox.decoder.pollsIn(executed, contracts)
  if (found === undefined) throw new Error('no poll')
  poll = found
})

afterEach(() => {
  liar.rewrite(undefined)
  liar.fail(undefined)
  liar.calls.clear()
})

afterAll(async () => {
  await liar.close()
  await city.dispose()
})

/** The register as the liar shows it has no voter. */
function hideRegister(): void {
  liar.rewrite(({ method }, result) => (method === 'eth_getCode' ? '0x00' : result))
}

function create(nodes: Rpc.Rpc[], fileVoters?: Voters.Voters): Polls.Polls {
  return Polls.create({ nodes, fileVoters })
}

describe('learn', () => {
  test('default: bound to the register that a node shows, read once for all polls', async () => {
    const polls = create([lying, honest])
    expect(await polls.learn(poll, 7)).toEqual([])
    const asked = liar.calls.get('eth_getCode')
    expect(polls.get(1)).toMatchObject({
      poll,
      block: 7,
      isBound: true,
      voters: { count: 60 },
      counts: { recount: [0, 0, 0], voterCount: 0, skippedCount: 0, unnamedCount: 0 },
    })
    await polls.learn({ ...poll, pollId: 2 }, 8)
    expect(liar.calls.get('eth_getCode')).toBe(asked)
    expect(polls.get(3)).toBeUndefined()
  })

  test('behavior: in the order of their numbers', async () => {
    const polls = create([honest])
    for (const pollId of [3, 1, 2]) await polls.learn({ ...poll, pollId }, pollId)
    expect(polls.all().map(({ block }) => block)).toEqual([1, 2, 3])
  })

  test.each([0, -1, 2 ** 32, Number.NaN])('boundary: %d is no number of a poll', async (pollId) => {
    const polls = create([honest])
    expect(await polls.learn({ ...poll, pollId }, 7)).toEqual([
      {
        kind: 'contradiction',
        pollId,
        message: `Poll ${pollId} was created in block 7, though it exists or can have no such number.`,
        evidence: { block: 7, question: poll.question },
      },
    ])
    expect(polls.all()).toEqual([])
  })

  test.each([1, 2 ** 32 - 1])('boundary: %d is one', async (pollId) => {
    const polls = create([honest])
    expect(await polls.learn({ ...poll, pollId }, 7)).toEqual([])
    // A second poll under this number would be one on whose ballots nobody voted.
    expect(await polls.learn({ ...poll, pollId, options: ['x', 'y'] }, 8)).toMatchObject([
      { kind: 'contradiction' },
    ])
    expect(polls.get(pollId)?.block).toBe(7)
  })

  test('behavior: a node whose register does not fit is told, and the next one is asked', async () => {
    hideRegister()
    const polls = create([lying, honest])
    const commitment = `0x${(await Voters.fromChain(lying, poll.binding?.register ?? '')).commitment.toString('hex')}`
    expect(await polls.learn(poll, 7)).toEqual([
      {
        kind: 'registerMismatch',
        pollId: 1,
        message: `Poll 1 is not bound to the register that ${lying.name} shows: question, options and these 0 voters give another digest than the chain holds.`,
        evidence: {
          pollDigest: poll.binding?.pollDigest,
          register: poll.binding?.register,
          commitment,
        },
      },
    ])
    expect(polls.get(1)).toMatchObject({ isBound: true, voters: { count: 60 } })
  })

  test('behavior: where no register fits, the poll is bound to none', async () => {
    hideRegister()
    const polls = create([lying])
    expect(await polls.learn(poll, 7)).toHaveLength(1)
    expect(polls.get(1)).toMatchObject({ isBound: false, voters: { count: 0 } })
    const other = create([honest])
    const found = await other.learn({ ...poll, question: 'Another?' }, 7)
    expect(found).toMatchObject([{ kind: 'registerMismatch' }])
  })

  test('behavior: a dead node is passed over, and asked again for the next poll', async () => {
    liar.fail('status')
    const polls = create([lying, honest])
    expect(await polls.learn(poll, 7)).toEqual([])
    expect(polls.get(1)).toMatchObject({ isBound: true })
    liar.fail(undefined)
    liar.calls.clear()
    expect(await polls.learn({ ...poll, pollId: 2 }, 8)).toEqual([])
    expect(liar.calls.get('eth_getCode')).toBeGreaterThan(0)
  })

  test('behavior: where the living node lies and the other is dead, the lie is told', async () => {
    hideRegister()
    const dead = Rpc.connect('http://127.0.0.1:9')
    expect(await create([dead, lying]).learn(poll, 7)).toMatchObject([{ kind: 'registerMismatch' }])
    expect(await create([lying, dead]).learn(poll, 7)).toMatchObject([{ kind: 'registerMismatch' }])
  })

  test('error: no node can be asked', async () => {
    liar.fail('status')
    await expect(create([lying]).learn(poll, 7)).rejects.toBeInstanceOf(Rpc.RpcError)
  })

  test('behavior: a file is trusted more than the chain', async () => {
    const voters = Voters.fromFile(city.registerFile)
    const polls = create([lying], voters)
    expect(await polls.learn(poll, 7)).toEqual([])
    expect(polls.get(1)).toMatchObject({ isBound: true, voters })
    expect(liar.calls.size).toBe(0)
    const other = { ...poll, pollId: 2, question: 'Another?' }
    expect(await polls.learn(other, 8)).toMatchObject([
      {
        kind: 'registerMismatch',
        message: expect.stringContaining('bound to the register file: '),
      },
    ])
    expect(polls.get(2)).toMatchObject({ isBound: false, voters })
  })

  test('behavior: without a register on the chain only a file knows who may vote', async () => {
    const register = `0x${'0'.repeat(40)}`
    const binding = poll.binding && { ...poll.binding, register }
    const polls = create([lying])
    expect(await polls.learn({ ...poll, binding }, 7)).toEqual([])
    expect(polls.get(1)).toMatchObject({ isBound: false, voters: undefined })
    const voters = Voters.fromFile(city.registerFile)
    const unbound = create([lying], voters)
    await unbound.learn({ ...poll, binding: undefined }, 7)
    expect(unbound.get(1)).toMatchObject({ isBound: false, voters })
    expect(liar.calls.size).toBe(0)
  })
})
