import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { concat, keccak256, ZeroHash } from 'ethers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { REGISTER_CHUNK_VOTERS } from '../../../scenarios/ballots/Contract.ts'
import * as Register from '../../../scenarios/ballots/Register.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-register-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A register whose voters' addresses are their own indices. */
function write(voterCount: number): string {
  const bytes = Buffer.alloc(voterCount * 20)
  for (let index = 0; index < voterCount; index += 1) bytes.writeUInt32BE(index, index * 20 + 16)
  const file = join(folder, 'register.bin')
  writeFileSync(file, bytes)
  return file
}

function of(bytes: Buffer): string {
  return Register.commitment([bytes]).toString('hex')
}

describe('open', () => {
  test('default: each voter by place, nobody past the end', () => {
    const register = Register.open(write(1300))
    expect(register.voterCount).toBe(1300)
    expect([0, 7, 1299].map((index) => register.at(index)?.readUInt32BE(16))).toEqual([0, 7, 1299])
    expect([-1, 0.5, 1300].map((index) => register.at(index))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    register.close()
  })

  test.each([0, 19, 41])('error: %i bytes are no register', (lengthBytes) => {
    const file = join(folder, 'bad.bin')
    writeFileSync(file, Buffer.alloc(lengthBytes))
    expect(() => Register.open(file)).toThrow(Register.MalformedError)
  })
})

describe('commitment', () => {
  test('default: a hash chain over the chunks, as the contract computes it', () => {
    const file = write(REGISTER_CHUNK_VOTERS + 3)
    const chunks = [...Register.chunks(file)]
    expect(chunks.map(({ length }) => length / 20)).toEqual([REGISTER_CHUNK_VOTERS, 3])
    const expected = chunks.reduce(
      (link, chunk) => keccak256(concat([link, keccak256(chunk)])),
      ZeroHash,
    )
    expect(`0x${Register.commitment(chunks).toString('hex')}`).toBe(expected)
  })

  test('behavior: one voter more, or two swapped, is another register', () => {
    const chunk = Buffer.alloc(60)
    chunk.writeUInt8(1, 0)
    const swapped = Buffer.concat([
      chunk.subarray(20, 40),
      chunk.subarray(0, 20),
      chunk.subarray(40),
    ])
    expect(new Set([of(chunk), of(swapped), of(Buffer.alloc(80))]).size).toBe(3)
  })
})
