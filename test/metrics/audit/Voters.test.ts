import { getCreateAddress } from 'ethers'
import { describe, expect, test } from 'vitest'

import * as Voters from '../../../metrics/audit/Voters.ts'
import type * as Rpc from '../../../metrics/rpc/Rpc.ts'
import * as Register from '../../../scenarios/ballots/Register.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'

const REGISTER = `0x${'4e'.repeat(20)}`
const CHUNK = Contract.REGISTER_CHUNK_VOTERS

/** The address of the contract that holds a chunk, by its place. */
function chunkAt(place: number): string {
  return getCreateAddress({ from: REGISTER, nonce: place + 1 })
}

/** A register of so many voters, whose addresses are their numbers. */
function chunks(count: number): Buffer[] {
  const packed = Buffer.alloc(count * 20)
  for (let voter = 0; voter < count; voter += 1) packed.writeUInt32BE(voter, voter * 20 + 16)
  const size = CHUNK * 20
  return Array.from({ length: Math.ceil(count / CHUNK) }, (_, place) =>
    packed.subarray(place * size, (place + 1) * size),
  )
}

/** A node that holds this register, may say another count, and remembers what it was asked. */
function node(held: readonly Buffer[], said: unknown) {
  const codes = new Map(held.map((chunk, place) => [chunkAt(place), chunk]))
  const asked: Rpc.Call[][] = []
  const answer = ({ method, params: [subject] }: Rpc.Call): unknown => {
    if (method === 'eth_call') return said
    const chunk = codes.get(String(subject))
    return chunk === undefined ? '0x' : `0x00${chunk.toString('hex')}`
  }
  const rpc: Rpc.Rpc = {
    url: 'http://node',
    name: 'node',
    async ask(calls) {
      asked.push([...calls])
      return calls.map(answer)
    },
  }
  return { rpc, asked }
}

function hex(count: number): string {
  return `0x${count.toString(16)}`
}

describe('fromChain', () => {
  test('default: all voters at their places, and what binds them', async () => {
    const held = chunks(CHUNK + 3)
    const { rpc, asked } = node(held, hex(CHUNK + 3))
    const voters = await Voters.fromChain(rpc, REGISTER)
    expect(voters.count).toBe(CHUNK + 3)
    expect(voters.at(CHUNK + 2)?.readUInt32BE(16)).toBe(CHUNK + 2)
    expect(voters.at(0)?.length).toBe(20)
    expect(voters.at(CHUNK + 3)).toBeUndefined()
    expect(voters.commitment).toEqual(Register.commitment(held))
    const data = Contract.voterRegister.encodeFunctionData('voterCount')
    expect(asked).toEqual([
      [{ method: 'eth_call', params: [{ to: REGISTER, data }, 'latest'] }],
      [0, 1].map((place) => ({ method: 'eth_getCode', params: [chunkAt(place), 'latest'] })),
    ])
  })

  test('behavior: a large register is asked for in parts', async () => {
    const count = 101 * CHUNK
    const { rpc, asked } = node(chunks(count), hex(count))
    const voters = await Voters.fromChain(rpc, REGISTER)
    expect(voters.count).toBe(count)
    expect(asked.map((calls) => calls.length)).toEqual([1, 100, 1])
    expect(voters.at(count - 1)?.readUInt32BE(16)).toBe(count - 1)
  })

  test('boundary: a register of whole chunks needs no further one', async () => {
    const { rpc, asked } = node(chunks(CHUNK), hex(CHUNK))
    expect((await Voters.fromChain(rpc, REGISTER)).count).toBe(CHUNK)
    expect(asked[1]).toHaveLength(1)
  })

  test('behavior: who claims more voters than there are is not asked on', async () => {
    const { rpc, asked } = node(chunks(3), hex(50_000_000))
    expect((await Voters.fromChain(rpc, REGISTER)).count).toBe(3)
    expect(asked.map((calls) => calls.length)).toEqual([1, 100])
  })

  test.each([hex(50_000_001), '0x', 'many', null, `0x${'f'.repeat(64)}`])(
    'behavior: %s voters are none',
    async (said) => {
      const { rpc, asked } = node(chunks(3), said)
      expect((await Voters.fromChain(rpc, REGISTER)).count).toBe(0)
      expect(asked).toHaveLength(1)
    },
  )

  test.each([null, '0xAB', '0xzz', '00ab', 7])('behavior: %j is no code', async (code) => {
    const asks: Rpc.Rpc['ask'] = async ([call]) => [call?.method === 'eth_call' ? hex(3) : code]
    const voters = await Voters.fromChain({ url: '', name: '', ask: asks }, REGISTER)
    expect(voters.count).toBe(0)
  })

  test('behavior: a torn address is none', async () => {
    const { rpc } = node([Buffer.alloc(39, 1)], hex(2))
    const voters = await Voters.fromChain(rpc, REGISTER)
    expect(voters.count).toBe(1)
    expect(voters.at(1)).toBeUndefined()
  })
})
