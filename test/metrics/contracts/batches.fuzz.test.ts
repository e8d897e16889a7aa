import * as fc from 'fast-check'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as ballotAnchor from '../../../metrics/contracts/ballotAnchor.ts'
import * as ballotBox from '../../../metrics/contracts/ballotBox.ts'
import type { Ballot, Executed } from '../../../metrics/contracts/Decoder.ts'
import * as Anchor from '../../../scenarios/ballots/Anchor.ts'
import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import * as Chain from '../../contracts/Chain.ts'
import { setUp, type Poll, type Setup } from '../../contracts/Setup.ts'
import * as Voters from '../../contracts/Voters.ts'
import * as Calldata from './calldata.ts'

const OPTIONS = { seed: 2017, numRuns: 400 }
const TIMEOUT_MS = 120_000
const OPTION_COUNT = 3

let setup: Setup
let poll: Poll
let anchor: Chain.Contract
beforeAll(async () => {
  setup = await setUp()
  poll = await setup.poll({ optionCount: OPTION_COUNT })
  anchor = await setup.chain.deploy('BallotAnchor', [Buffer.alloc(32, 5)])
  const nobody = `0x${'00'.repeat(20)}`
  await anchor.send('createPoll', ['Which?', ['a', 'b', 'c'], nobody, 0, 0, 0, 2e9, 3e9])
}, Chain.START_TIMEOUT_MS)
afterAll(() => setup.chain.close())

const Receipt = Type.Object({
  logs: Type.Array(
    Type.Object({
      address: Type.String(),
      topics: Type.Array(Type.String()),
      data: Type.String(),
    }),
  ),
})

/** Mines a transaction; `undefined` where the contract reverts. */
async function execute(
  { address }: Chain.Contract,
  input: string,
  from = setup.chain.accounts[0],
): Promise<Executed | undefined> {
  const { chain } = setup
  try {
    const call = { from, to: address, data: input }
    const hash = String(await chain.request('eth_sendTransaction', call))
    const receipt = Value.Parse(Receipt, await chain.request('eth_getTransactionReceipt', hash))
    return { hash, to: address, input, logs: receipt.logs }
  } catch (error) {
    if (String(error).includes('revert')) return undefined
    throw error
  }
}

/** The ballots that count, by option. */
function recount(ballots: readonly Ballot[]): bigint[] {
  const votes = Array.from({ length: OPTION_COUNT }, () => 0n)
  for (const { choice, skipReason } of ballots) {
    if (skipReason === 0) votes[choice] = (votes[choice] ?? 0n) + 1n
  }
  return votes
}

async function tally(): Promise<unknown> {
  return (await setup.box.call('tally', [poll.pollId])).toArray(true)[0]
}

/** Throws where the contract takes another call than the decoder, or counts other ballots. */
async function checkBatch(input: string, decode: (input: string) => unknown): Promise<void> {
  const executed = await execute(setup.box, input)
  expect(decode(input) !== undefined).toBe(executed !== undefined)
  if (executed === undefined) return
  const contracts = { main: setup.box.address.toLowerCase(), questions: [] }
  const reading = ballotBox.decoder.read([executed], contracts)
  expect(reading.contradictions).toEqual([])
  expect(await tally()).toEqual(recount(reading.ballots))
}

async function checkAnchor(input: string): Promise<void> {
  const executed = await execute(anchor, input)
  const call = ballotAnchor.decodeCall(input)
  const isForPoll = call?.ballots.every(({ pollId }) => pollId === 1) ?? false
  expect(executed !== undefined).toBe(isForPoll)
  if (executed === undefined) return
  const contracts = { main: anchor.address.toLowerCase(), questions: [] }
  const { ballots, contradictions } = ballotAnchor.decoder.read([executed], contracts)
  // A root says whether these are the ballots that were meant, not how many there are.
  const others = contradictions.filter(({ reason }) => !reason.includes('Merkle root'))
  expect(others).toEqual([])
  expect((await anchor.call('ballotCount', [1]))[0]).toBe(BigInt(ballots.length))
}

const voters = fc.array(fc.nat({ max: 6 }), { maxLength: 4 })
const batches = fc.tuple(voters, Calldata.layouts).map(([indexes, layout]) => {
  const ballots = indexes.map((voterIndex) => Voters.sign(poll, voterIndex, voterIndex % 4))
  const bytes = Batch.encode(ballots)
  return Calldata.encode(SELECTORS.castBatch, [{ count: bytes.length, bytes }], layout)
})
const anchors = fc.tuple(voters, Calldata.layouts).map(([indexes, layout]) => {
  const ballots = indexes.map((voterIndex) => ({ pollId: 1, voterIndex, choice: voterIndex % 3 }))
  const root = ballots.length === 0 ? 7n : BigInt(Anchor.root(ballots))
  const bytes = Anchor.encode(ballots)
  return Calldata.encode(SELECTORS.anchor, [root, { count: bytes.length, bytes }], layout)
})
const SELECTORS = {
  castBatch: ballotBox.decoder.mark,
  cast: Contract.ballotBox.getFunction('cast')?.selector ?? '',
  anchor: ballotAnchor.decoder.mark,
}

/** A library's reading: it insists on padding. */
function strict(input: string): unknown {
  try {
    const [batch] = Contract.ballotBox.decodeFunctionData('castBatch', input)
    return Batch.decode(Buffer.from(String(batch).slice(2), 'hex'))
  } catch {
    return undefined
  }
}

function property(decode: (input: string) => unknown) {
  return fc.asyncProperty(batches, (input) => setup.chain.undone(() => checkBatch(input, decode)))
}

describe('decodeCall of castBatch', () => {
  test(
    'default: takes what the contract takes, and counts what it counts',
    async () => {
      await expect(fc.assert(property(ballotBox.decodeCall), OPTIONS)).resolves.toBeUndefined()
    },
    TIMEOUT_MS,
  )

  test("behavior: the same check fails with a library's decoder", async () => {
    const details = await fc.check(property(strict), { ...OPTIONS, endOnFailure: true })
    expect(details.failed).toBe(true)
  })

  test('behavior: a length that shares its bytes with its own offset', async () => {
    const bytes = Batch.encode([0, 1, 2, 3].map((voter) => Voters.sign(poll, voter, 1)))
    // The offset is 1: the length ends one byte behind it, and reads 0x0128, which is 4 ballots.
    const input = `${SELECTORS.castBatch}${'00'.repeat(31)}0128${bytes.toString('hex')}`
    await setup.chain.undone(async () => {
      await checkBatch(input, ballotBox.decodeCall)
      expect(await tally()).toEqual([0n, 4n, 0n])
    })
  })
})

describe('decodeCall of cast', () => {
  test('behavior: bytes behind the last argument, and one byte too few', async () => {
    const from = await setup.account(8)
    const args = [BigInt(poll.pollId), BigInt(`0x${hex(poll.pollDigest)}`), 8n, 2n]
    for (const [change, isTaken] of [
      [{ behind: Buffer.alloc(45, 0xff) }, true],
      [{ cutBytes: 1 }, false],
    ] as const) {
      const input = Calldata.encode(SELECTORS.cast, args, { ...Calldata.CANONICAL, ...change })
      await setup.chain.undone(async () => {
        const executed = await execute(setup.box, input, from)
        expect([executed, ballotBox.decodeCall(input)].map((one) => one !== undefined)).toEqual([
          isTaken,
          isTaken,
        ])
        const contracts = { main: setup.box.address.toLowerCase(), questions: [] }
        const reading = ballotBox.decoder.read(executed === undefined ? [] : [executed], contracts)
        expect(reading.contradictions).toEqual([])
        expect(await tally()).toEqual(recount(reading.ballots))
      })
    }
  })
})

describe('decodeCall of anchor', () => {
  test(
    'default: takes what the contract takes, and counts what it counts',
    async () => {
      const ofAnchors = fc.asyncProperty(anchors, (input) =>
        setup.chain.undone(() => checkAnchor(input)),
      )
      await expect(fc.assert(ofAnchors, OPTIONS)).resolves.toBeUndefined()
    },
    TIMEOUT_MS,
  )
})

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
