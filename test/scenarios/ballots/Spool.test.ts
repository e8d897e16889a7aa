import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Spool from '../../../scenarios/ballots/Spool.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-spool-'))
  file = join(folder, 'spool.bin')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const BINDING = {
  path: 'relayed',
  seed: 'семя',
  chainId: 8995,
  verifyingContract: `0x${'5f'.repeat(20)}`,
  codeHash: `0x${'11'.repeat(32)}`,
  ballotType: 'Ballot()',
  pollsDigest: `0x${'22'.repeat(32)}`,
} as const

function ballot(index: number) {
  return { pollId: 1, voterIndex: index, choice: index % 3, signature: Buffer.alloc(65, index) }
}

function write(count: number): Spool.Header {
  const writer = Spool.create(file, BINDING)
  for (let index = 0; index < count; index += 1) {
    writer.append(Spool.encodeRelayed(ballot(index), Buffer.alloc(20, index)))
  }
  return writer.finish()
}

/** Changes one byte of the file. */
function spoil(offset: number): void {
  const bytes = readFileSync(file)
  bytes.writeUInt8((bytes.readUInt8(offset) + 1) % 256, offset)
  writeFileSync(file, bytes)
}

describe('open', () => {
  test('default: what was written is read by place', () => {
    const written = write(10)
    const spool = Spool.open(file)
    expect(spool.header).toEqual(written)
    expect(written.count).toBe(10)
    const records = spool.read(7, 100)
    expect(records).toHaveLength(3 * Spool.RECORD_SIZE_BYTES.relayed)
    const { ballot: read, voter } = Spool.decodeRelayed(records, Spool.RECORD_SIZE_BYTES.relayed)
    expect(read).toEqual(ballot(8))
    expect(voter).toEqual(Buffer.alloc(20, 8))
    expect(spool.read(10, 1)).toHaveLength(0)
    spool.close()
  })

  test('behavior: several records in one append count as several', () => {
    const writer = Spool.create(file, BINDING)
    writer.append(Buffer.alloc(3 * Spool.RECORD_SIZE_BYTES.relayed))
    expect(writer.finish().count).toBe(3)
  })

  test('behavior: direct records keep transactions of any length', () => {
    const transaction = Buffer.from('f86c0a', 'hex')
    const record = Spool.encodeDirect({ pollId: 2, voterIndex: 9, choice: 1 }, transaction)
    expect(record).toHaveLength(Spool.RECORD_SIZE_BYTES.direct)
    expect(Spool.decodeIntent(record, 0)).toEqual({ pollId: 2, voterIndex: 9, choice: 1 })
    expect(Spool.decodeDirect(record, 0)).toEqual(transaction)
  })

  test('error: a file cut short, and one that goes on', () => {
    write(10)
    truncateSync(file, Spool.HEADER_SIZE_BYTES + 5 * Spool.RECORD_SIZE_BYTES.relayed)
    expect(() => Spool.open(file)).toThrow(Spool.DamagedError)
    write(10)
    writeFileSync(file, Buffer.alloc(1), { flag: 'a' })
    expect(() => Spool.open(file)).toThrow(Spool.DamagedError)
  })

  test('error: a torn file, without its header', () => {
    Spool.create(file, BINDING).append(Buffer.alloc(Spool.RECORD_SIZE_BYTES.relayed))
    expect(() => Spool.open(file)).toThrow(Spool.DamagedError)
    writeFileSync(file, '')
    expect(() => Spool.open(file)).toThrow(Spool.DamagedError)
  })
})

describe('verify', () => {
  test('default: an undamaged spool', () => {
    const written = write(5000)
    expect(Spool.verify(file)).toEqual(written)
  })

  test.each([0, 4999])('error: one altered byte in record %i', (record) => {
    write(5000)
    spoil(Spool.HEADER_SIZE_BYTES + record * Spool.RECORD_SIZE_BYTES.relayed + 40)
    expect(() => Spool.verify(file)).toThrow(Spool.DamagedError)
  })
})

describe('create', () => {
  test('error: a seed that does not fit in the header is refused before a ballot is signed', () => {
    const seed = '\u0001'.repeat(200)
    expect(() => Spool.create(file, { ...BINDING, seed })).toThrow(Spool.BindingError)
  })

  test('error: a contract that is no address', () => {
    const binding = { ...BINDING, verifyingContract: `0x${'5F'.repeat(20)}` }
    expect(() => Spool.create(file, binding)).toThrow(Spool.BindingError)
  })
})
