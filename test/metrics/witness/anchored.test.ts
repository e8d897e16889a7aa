import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { createAnchorPolls, deployAnchor } from '../../../chain/contracts/deployAnchor.ts'
import * as BallotCounter from '../../../metrics/witness/BallotCounter.ts'
import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import { artifact } from '../../../scripts/contracts.ts'
import * as Chain from './Chain.ts'

const BALLOTS: Anchor.Anchored[] = [
  { pollId: 1, voterIndex: 7, choice: 2 },
  { pollId: 1, voterIndex: 4_000_000_000, choice: 0 },
  { pollId: 2, voterIndex: 7, choice: 1 },
]

let chain: Chain.Chain
let address: string
let counter: BallotCounter.BallotCounter

beforeAll(async () => {
  chain = await Chain.start()
  const { bytecode } = await artifact('BallotAnchor')
  const registerCommitment = Buffer.alloc(32, 1)
  const deployment = await deployAnchor(chain.deployer, { bytecode, registerCommitment })
  address = deployment.ballotAnchor
  const now = Math.floor(Date.now() / 1000)
  const times = { opensAt: now - 100, closesAt: now + 3000, sealsAt: now + 3600 }
  const poll = { question: 'Which?', options: ['one', 'two', 'three'], ...times }
  await createAnchorPolls(chain.deployer, deployment, [poll, poll])
  await chain.anvil.request('evm_setAutomine', false)
  counter = BallotCounter.create({ kind: 'anchored', address })
})
afterAll(() => chain?.dispose())
afterEach(() => chain.alter())

function anchor(ballots: readonly Anchor.Anchored[], root = Anchor.root(ballots)) {
  const data = Anchor.ballotAnchor.encodeFunctionData('anchor', [root, Anchor.encode(ballots)])
  return chain.send(address, data)
}

/** Shows every transaction of a block with these fields. */
function showing(fields: { input: string } | { to: string }): Chain.Alter {
  return (mined) =>
    mined.map(({ transaction, receipt }) => ({
      transaction: { ...transaction, ...fields },
      receipt,
    }))
}

describe('count', () => {
  test('default: the calldata of every batch, and a failed batch counts nothing', async () => {
    const second = [{ pollId: 2, voterIndex: 9, choice: 2 }]
    const unknown = [{ pollId: 3, voterIndex: 9, choice: 2 }]
    const transactions = [await anchor(BALLOTS), await anchor(unknown), await anchor(second)]
    expect(await chain.mineAndCount(counter)).toEqual({
      transactions: [transactions[0], transactions[2]],
      casts: [
        [1, 7, 2, 0],
        [1, 4_000_000_000, 0, 0],
        [2, 7, 1, 0],
        [2, 9, 2, 1],
      ],
      skips: [],
      contradictions: [],
    })
  })

  test('behavior: a batch without padding, and with bytes behind it, is counted', async () => {
    const data = Anchor.calldata(Anchor.root(BALLOTS), Anchor.encode(BALLOTS))
    const packedBytes = 2 * 6 + BALLOTS.length * 5
    const bare = data.subarray(0, 4 + 3 * 32 + packedBytes)
    const longer = Buffer.concat([bare, Buffer.alloc(45, 0xff)])
    for (const calldata of [bare, longer]) {
      await chain.send(address, `0x${calldata.toString('hex')}`)
      const { casts, contradictions } = await chain.mineAndCount(counter)
      expect([casts.length, contradictions]).toEqual([BALLOTS.length, []])
    }
  })

  test('behavior: a root that is not the ballots’ own is a contradiction', async () => {
    const transaction = await anchor(BALLOTS, Anchor.root(BALLOTS.slice(1)))
    const { casts, contradictions } = await chain.mineAndCount(counter)
    expect(casts).toHaveLength(BALLOTS.length)
    const reason = expect.stringContaining(`Merkle root is ${Anchor.root(BALLOTS)}`)
    expect(contradictions).toEqual([{ transaction, reason }])
  })

  test('behavior: a node that shows other ballots is contradicted by event and root', async () => {
    await anchor(BALLOTS)
    const [first, ...rest] = BALLOTS
    const altered = first === undefined ? [] : [{ ...first, choice: 1 }, ...rest]
    const args = [Anchor.root(altered), Anchor.encode(altered)]
    const input = Anchor.ballotAnchor.encodeFunctionData('anchor', args)
    chain.alter(showing({ input }))
    const lied = await chain.mineAndCount(counter)
    expect(lied.contradictions.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('the event says root'),
    ])
    const fewer = [Anchor.root(BALLOTS), Anchor.encode(rest)]
    const shorter = Anchor.ballotAnchor.encodeFunctionData('anchor', fewer)
    chain.alter(showing({ input: shorter }))
    const hidden = await chain.count(counter)
    expect(hidden.contradictions.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('Merkle root is'),
      'the calldata holds 2 ballots, the event says 3',
    ])
  })

  test('behavior: malformed calldata, and an event without its transaction', async () => {
    const transaction = await anchor(BALLOTS)
    chain.alter(showing({ input: '0x1234' }))
    const malformed = { transaction, reason: 'a batch was anchored, the calldata holds none' }
    expect((await chain.mineAndCount(counter)).contradictions).toEqual([malformed])
    chain.alter(showing({ to: chain.owner }))
    expect(await chain.count(counter)).toMatchObject({
      casts: [],
      contradictions: [{ transaction, reason: expect.stringContaining('by no transaction') }],
    })
  })
})
