import { concat, getCreateAddress, keccak256, ZeroHash } from 'ethers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { REGISTER_CHUNK_VOTERS } from '../../scenarios/ballots/Contract.ts'
import * as Register from '../../scenarios/ballots/Register.ts'
import * as Chain from './Chain.ts'
import * as Voters from './Voters.ts'

const FULL = Voters.packed(0, REGISTER_CHUNK_VOTERS)
const SHORT = Voters.packed(REGISTER_CHUNK_VOTERS, 7)
/** The largest multiple of a chunk that a uint32 holds. */
const COUNT_MAX = 2 ** 32 - (2 ** 32 % REGISTER_CHUNK_VOTERS)

let chain: Chain.Chain
let register: Chain.Contract

beforeAll(async () => {
  chain = await Chain.start()
}, Chain.START_TIMEOUT_MS)
afterAll(() => chain.close())
beforeEach(async () => {
  register = await chain.deploy('VoterRegister')
})

const read = async (method: string, ...args: unknown[]): Promise<unknown> =>
  (await register.call(method, args))[0]

describe('enrol', () => {
  test('default', async () => {
    const { events } = await register.send('enrol', [FULL])
    const chunk = getCreateAddress({ from: register.address, nonce: 1 })
    expect(events).toEqual([{ name: 'VotersEnrolled', args: [chunk, 1228n] }])
    expect(await chain.request('eth_getCode', chunk, 'latest')).toBe(`0x00${FULL.toString('hex')}`)
    expect(await read('voterCount')).toBe(1228n)
    expect(await read('commitment')).toBe(keccak256(concat([ZeroHash, keccak256(FULL)])))
  })

  test('behavior: chains the commitment over chunks, as the wire format computes it', async () => {
    await register.send('enrol', [FULL])
    await register.send('enrol', [SHORT])
    expect(await read('voterCount')).toBe(1235n)
    const expected = Register.commitment([FULL, SHORT]).toString('hex')
    expect(await read('commitment')).toBe(`0x${expected}`)
  })

  test('behavior: takes a single voter', async () => {
    await register.send('enrol', [Voters.address(5)])
    expect(await read('voterCount')).toBe(1n)
  })

  test.each([
    ['nothing', 0],
    ['a broken address', 39],
    ['more than a chunk', (REGISTER_CHUNK_VOTERS + 1) * 20],
  ])('error: %s', async (_, length) => {
    await expect(register.send('enrol', [Buffer.alloc(length, 1)])).rejects.toMatchObject({
      reason: 'VoterRegisterMalformedChunk',
      args: [BigInt(length), 24_560n],
    })
  })

  test('error: after a chunk that was not full', async () => {
    await register.send('enrol', [SHORT])
    await expect(register.send('enrol', [FULL])).rejects.toMatchObject({
      reason: 'VoterRegisterLastChunkNotFull',
      args: [7n],
    })
  })

  test('error: not the organiser', async () => {
    const [organiser, from] = chain.accounts
    await expect(register.send('enrol', [SHORT], { from })).rejects.toMatchObject({
      reason: 'VoterRegisterUnauthorizedCaller',
      args: [expect.stringMatching(new RegExp(`${from}`, 'i')), await read('organiser')],
    })
    expect(String(await read('organiser')).toLowerCase()).toBe(organiser)
  })

  test('error: closed', async () => {
    await register.send('enrol', [SHORT])
    await register.send('close', [])
    await expect(register.send('enrol', [SHORT])).rejects.toMatchObject({
      reason: 'VoterRegisterAlreadyClosed',
      args: [7n],
    })
  })

  test('error: too little gas for the chunk', async () => {
    const chunk = getCreateAddress({ from: register.address, nonce: 1 })
    const zero = '0x0000000000000000000000000000000000000000'
    await expect(register.send('enrol', [FULL], { gas: 2_500_000 })).rejects.toMatchObject({
      reason: 'VoterRegisterChunkNotCreated',
      args: [chunk, zero],
    })
    expect(await read('voterCount')).toBe(0n)
  })

  test('error: the chunk would lie where nobody looks for it', async () => {
    await chain.request('hardhat_setNonce', register.address, '0x5')
    await expect(register.send('enrol', [SHORT])).rejects.toMatchObject({
      reason: 'VoterRegisterChunkNotCreated',
      args: [1, 5].map((nonce) => getCreateAddress({ from: register.address, nonce })),
    })
  })

  test('error: more voters than a ballot can name', async () => {
    const [organiser] = chain.accounts
    const count = COUNT_MAX.toString(16).padStart(8, '0')
    const slot = `0x${`00${count}${organiser?.slice(2)}`.padStart(64, '0')}`
    await chain.request('hardhat_setStorageAt', register.address, '0x0', slot)
    const nonce = COUNT_MAX / REGISTER_CHUNK_VOTERS + 1
    await chain.request('hardhat_setNonce', register.address, `0x${nonce.toString(16)}`)
    expect(await read('voterCount')).toBe(BigInt(COUNT_MAX))
    await expect(register.send('enrol', [FULL])).rejects.toMatchObject({
      reason: 'Panic',
      args: [17n],
    })
    await register.send('enrol', [SHORT])
    expect(await read('voterCount')).toBe(BigInt(COUNT_MAX + 7))
  })
})

describe('close', () => {
  test('default', async () => {
    await register.send('enrol', [SHORT])
    expect(await read('isClosed')).toBe(false)
    const { events } = await register.send('close', [])
    expect(events).toEqual([{ name: 'RegisterClosed', args: [7n, await read('commitment')] }])
    expect(await read('isClosed')).toBe(true)
  })

  test('error: not the organiser', async () => {
    await expect(register.send('close', [], { from: chain.accounts[1] })).rejects.toMatchObject({
      reason: 'VoterRegisterUnauthorizedCaller',
    })
  })

  test('error: twice', async () => {
    await register.send('close', [])
    await expect(register.send('close', [])).rejects.toMatchObject({
      reason: 'VoterRegisterAlreadyClosed',
      args: [0n],
    })
  })
})

describe('voterAt', () => {
  test('default', async () => {
    await register.send('enrol', [FULL])
    await register.send('enrol', [SHORT])
    for (const voterIndex of [0, 1, 1227, 1228, 1234]) {
      const voter = String(await read('voterAt', voterIndex)).toLowerCase()
      expect(voter).toBe(`0x${Voters.address(voterIndex).toString('hex')}`)
    }
  })

  test('error: past the end', async () => {
    await register.send('enrol', [SHORT])
    await expect(read('voterAt', 7)).rejects.toMatchObject({
      reason: 'VoterRegisterUnknownVoter',
      args: [7n, 7n],
    })
  })
})

describe('chunkAt', () => {
  test('default: every length of nonce that RLP knows', async () => {
    const probe = await chain.deploy('Probe')
    for (const nonce of [1, 2, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 3_497_559, 0xff_ffff]) {
      const [chunk] = await probe.call('chunkAt', [register.address, nonce - 1])
      expect(chunk).toBe(getCreateAddress({ from: register.address, nonce }))
    }
  })
})
