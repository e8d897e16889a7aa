import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as SpoolHeader from '../../../scenarios/ballots/SpoolHeader.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-spool-'))
  file = join(folder, 'spool.bin')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const BINDING = {
  path: 'api',
  seed: 'семя',
  chainId: 8995,
  verifyingContract: `0x${'5f'.repeat(20)}`,
  codeHash: `0x${'11'.repeat(32)}`,
  ballotType: 'Ballot()',
  pollsDigest: `0x${'22'.repeat(32)}`,
  orderDigest: '33'.repeat(32),
  segment: { index: 1, of: 1 },
} as const

function ballot(index: number) {
  return { pollId: 1, voterIndex: index, choice: index % 3, signature: Buffer.alloc(65, index) }
}

function write(count: number): Spool.Header {
  const writer = Spool.create(file, BINDING)
  for (let index = 0; index < count; index += 1) {
    writer.append(Spool.encodeSigned(ballot(index), Buffer.alloc(20, index)))
  }
  return writer.finish()
}

/** The error that names this byte. */
function damagedAt(offsetBytes: number) {
  return expect.objectContaining({ code: 'SPOOL_DAMAGED', offsetBytes })
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
    expect(records).toHaveLength(3 * Spool.RECORD_SIZE_BYTES.api)
    const { ballot: read, voter } = Spool.decodeSigned(records, Spool.RECORD_SIZE_BYTES.api)
    expect(read).toEqual(ballot(8))
    expect(voter).toEqual(Buffer.alloc(20, 8))
    expect(spool.read(10, 1)).toHaveLength(0)
    spool.close()
  })

  test('behavior: several records in one append count as several', () => {
    const writer = Spool.create(file, BINDING)
    writer.append(Buffer.alloc(3 * Spool.RECORD_SIZE_BYTES.api))
    expect(writer.finish().count).toBe(3)
  })

  test('behavior: direct records keep transactions of any length', () => {
    const transaction = Buffer.from('f86c0a', 'hex')
    const record = Spool.encodeTransaction({ pollId: 2, voterIndex: 9, choice: 1 }, transaction)
    expect(record).toHaveLength(Spool.RECORD_SIZE_BYTES.rpc)
    expect(Spool.decodeIntent(record, 0)).toEqual({ pollId: 2, voterIndex: 9, choice: 1 })
    expect(Spool.decodeTransaction(record, 0)).toEqual(transaction)
  })

  test.each([0, 500, 1023, 1024, 3000, 394_240, 481_023, 481_024, 481_087])(
    'error: a file cut short at byte %i is refused with that byte',
    (sizeBytes) => {
      write(5000)
      truncateSync(file, sizeBytes)
      const offsetBytes = sizeBytes < Spool.HEADER_SIZE_BYTES ? 0 : sizeBytes
      expect(() => Spool.open(file)).toThrow(damagedAt(offsetBytes))
    },
  )

  test('error: a file that goes on', () => {
    write(10)
    const { size } = statSync(file)
    writeFileSync(file, Buffer.alloc(1), { flag: 'a' })
    expect(() => Spool.open(file)).toThrow(damagedAt(size))
  })

  test.each([0, 100, 600, 1023])('error: an altered header, byte %i', (offset) => {
    write(10)
    spoil(offset)
    expect(() => Spool.open(file)).toThrow(damagedAt(0))
  })

  test('error: a header with another seed, of the same length', () => {
    write(10)
    const bytes = readFileSync(file)
    bytes.write('семь', bytes.indexOf('семя'))
    writeFileSync(file, bytes)
    expect(() => Spool.open(file)).toThrow(damagedAt(0))
  })

  test('error: an altered digest', () => {
    write(5000)
    const digestsAt = Spool.positionOf(Spool.RECORD_SIZE_BYTES.api, 5000)
    spoil(digestsAt + 40)
    expect(() => Spool.open(file)).toThrow(damagedAt(digestsAt))
  })

  test('error: a torn file, without its header', () => {
    Spool.create(file, BINDING).append(Buffer.alloc(Spool.RECORD_SIZE_BYTES.api))
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

  test.each([
    [0, 0],
    [4095, 0],
    [4096, 4096],
    [4999, 4096],
  ])('error: one altered byte in record %i is in the block from record %i', (record, first) => {
    write(5000)
    spoil(Spool.positionOf(Spool.RECORD_SIZE_BYTES.api, record) + 40)
    const blockAt = Spool.positionOf(Spool.RECORD_SIZE_BYTES.api, first)
    expect(() => Spool.verify(file)).toThrow(damagedAt(blockAt))
  })

  test('behavior: each byte of a spool is accounted for', () => {
    write(3)
    const intact = readFileSync(file)
    for (let offset = 0; offset < intact.length; offset += 1) {
      spoil(offset)
      expect(() => Spool.verify(file), `byte ${offset}`).toThrow(Spool.DamagedError)
      writeFileSync(file, intact)
    }
  })
})

describe('seal', () => {
  test('default: records that were written in any order make the same file as a writer', () => {
    write(5000)
    const expected = readFileSync(file)
    const records = Array.from({ length: 5000 }, (_, index) =>
      Spool.encodeSigned(ballot(index), Buffer.alloc(20, index)),
    )
    const blocks = [records.slice(0, 4096), records.slice(4096)].map((part) => Buffer.concat(part))
    const descriptor = openSync(file, 'w')
    for (const block of [1, 0]) {
      const at = Spool.positionOf(Spool.RECORD_SIZE_BYTES.api, block * Spool.BLOCK_RECORDS)
      Spool.writeFully(descriptor, blocks[block] ?? Buffer.alloc(0), at)
    }
    const digests = Buffer.concat(blocks.map((block) => Spool.blockDigest(block)))
    Spool.seal(descriptor, BINDING, 5000, digests)
    closeSync(descriptor)
    expect(readFileSync(file).equals(expected)).toBe(true)
  })
})

describe('create', () => {
  test('error: a seed that does not fit in the header is refused before a ballot is signed', () => {
    const seed = '\u0001'.repeat(200)
    expect(() => Spool.create(file, { ...BINDING, seed })).toThrow(SpoolHeader.BindingError)
  })

  test('error: a contract that is no address', () => {
    const binding = { ...BINDING, verifyingContract: `0x${'5F'.repeat(20)}` }
    expect(() => Spool.create(file, binding)).toThrow(SpoolHeader.BindingError)
  })
})
