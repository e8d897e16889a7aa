import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as ballotBox from '../../../metrics/contracts/ballotBox.ts'
import * as Batch from '../../../scenarios/ballots/Batch.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import { START_TIMEOUT_MS } from '../../contracts/Chain.ts'
import * as Voters from '../../contracts/Voters.ts'
import * as Boxes from './boxes.ts'
import * as Calldata from './calldata.ts'

/** The long form, `npm run fuzz`, runs more. */
const OPTIONS = { seed: 2017, numRuns: 200 }
const TIMEOUT_MS = 120_000

let world: Boxes.World
beforeAll(async () => {
  world = await Boxes.found()
}, START_TIMEOUT_MS)
afterAll(() => world.setup.chain.close())

describe('decodeCall', () => {
  test.each(Object.entries(Boxes.KINDS))(
    'default: takes what the contract takes of %s, and counts what it counts',
    async (_, kind) => {
      const { calldataCount, takenCount } = await Boxes.fuzz(world, kind, OPTIONS)
      expect(takenCount).toBeGreaterThan(calldataCount / 3)
    },
    TIMEOUT_MS,
  )

  test("behavior: the same check fails with a library's decoder", async () => {
    const checkStrictly = (_: Boxes.World, calls: readonly Boxes.Call[]): Promise<number> =>
      Boxes.checkBox(world, calls, strict)
    const options = { ...OPTIONS, endOnFailure: true }
    const fuzz = Boxes.fuzz(world, [Boxes.batches, checkStrictly], options)
    await expect(fuzz).rejects.toThrow('Property failed')
  })

  test('behavior: a length that shares its bytes with its own offset', async () => {
    const ballots = [0, 1, 2, 3].map((voter) => Voters.sign(world.poll, voter, 1))
    const bytes = Batch.encode(ballots).toString('hex')
    // The offset is 1: the length ends one byte behind it, and reads 0x0128, which is 4 ballots.
    const input = `${Boxes.SELECTORS.castBatch}${'00'.repeat(31)}0128${bytes}`
    const { chain } = world.setup
    await chain.undone(async () => {
      const from = chain.accounts[0] ?? ''
      expect(await Boxes.checkBox(world, [{ input, from }])).toBe(1)
      const [tally] = await world.setup.box.call('tally', [world.poll.pollId])
      expect(Array.from<bigint>(tally)).toEqual([0n, 4n, 0n])
    })
    expect(ballotBox.decodeCall(input)).toMatchObject({ ballots: { length: 4 } })
  })
})

describe('decodeCall of cast', () => {
  test.each([
    ['bytes behind the last argument', { behind: Buffer.alloc(45, 0xff) }, true],
    ['one byte too few', { cutBytes: 1 }, false],
  ] as const)('behavior: %s', async (_, change, isTaken) => {
    const { poll, setup } = world
    const from = await setup.account(8)
    const digest = BigInt(`0x${Buffer.from(poll.pollDigest).toString('hex')}`)
    const args = [BigInt(poll.pollId), digest, 8n, 2n]
    const layout = { ...Calldata.CANONICAL, ...change }
    const input = Calldata.encode(Boxes.SELECTORS.cast, args, layout)
    await setup.chain.undone(async () => {
      expect(await Boxes.checkBox(world, [{ input, from }])).toBe(Number(isTaken))
    })
    expect(ballotBox.decodeCall(input) !== undefined).toBe(isTaken)
  })
})

/** A library's reading: it insists on padding. */
function strict(input: string): unknown {
  try {
    const [batch] = Contract.ballotBox.decodeFunctionData('castBatch', input)
    return Batch.decode(Buffer.from(String(batch).slice(2), 'hex'))
  } catch {
    return undefined
  }
}
