import { createHash, type Hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import * as Batch from './Batch.ts'
import type { Ballot } from './Ballot.ts'

/**
 * A file of signed ballots in firing order: a header of {@link HEADER_SIZE_BYTES} (JSON, padded
 * with spaces), then records of one fixed size, so that ballot *k* is at header + *k* × size.
 *
 * Every record begins with pollId (4 bytes), voterIndex (4) and choice (1), big end first. Then:
 * - `relayed`: the signature (65) and the voter's address (20);
 * - `direct`: the length of the raw transaction (2) and the transaction.
 */
export const HEADER_SIZE_BYTES = 1024
export const RECORD_SIZE_BYTES = { relayed: 96, direct: 288 } as const

/** Bumped with every change of header or record. */
export const VERSION = 1

export const HeaderSchema = Type.Object(
  {
    format: Type.Literal('ballotstorm/spool'),
    version: Type.Literal(VERSION),
    path: Type.Union([Type.Literal('relayed'), Type.Literal('direct')]),
    seed: Type.String(),
    chainId: Type.Integer({ minimum: 1 }),
    verifyingContract: Type.String({ pattern: '^0x[0-9a-f]{40}$' }),
    /** Keccak-256 of the contract's deployed code, hex. */
    codeHash: Type.String({ pattern: '^0x[0-9a-f]{64}$' }),
    ballotType: Type.String(),
    /** Keccak-256 over the digests of all polls in order, hex. */
    pollsDigest: Type.String({ pattern: '^0x[0-9a-f]{64}$' }),
    recordSizeBytes: Type.Integer({ minimum: 1 }),
    count: Type.Integer({ minimum: 0 }),
    /** SHA-256 over the records, hex. */
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
)

export type Header = Static<typeof HeaderSchema>

/** What a record says before the part that differs by path. */
export type Intent = { pollId: number; voterIndex: number; choice: number }

export type Spool = {
  header: Header
  /**
   * Records `first` … `first + count − 1` as one buffer (fewer at the end of the spool).
   *
   * @throws {DamagedError} where the file ends before its header says.
   */
  read(first: number, count: number): Buffer
  close(): void
}

/**
 * Opens a spool and checks header and length.
 *
 * @throws {DamagedError} names the file, the byte offset and the way out.
 */
export function open(file: string): Spool {
  const descriptor = openSync(file, 'r')
  try {
    const header = readHeader(descriptor, file)
    const expectedBytes = HEADER_SIZE_BYTES + header.count * header.recordSizeBytes
    const sizeBytes = fstatSync(descriptor).size
    if (sizeBytes !== expectedBytes) {
      const offset = Math.min(sizeBytes, expectedBytes)
      throw new DamagedError(
        file,
        offset,
        `it has ${sizeBytes} bytes, its header says ${expectedBytes}`,
      )
    }
    return {
      header,
      read(first, count) {
        const records = Math.max(0, Math.min(count, header.count - first))
        const buffer = Buffer.alloc(records * header.recordSizeBytes)
        const position = HEADER_SIZE_BYTES + first * header.recordSizeBytes
        const readBytes = readSync(descriptor, buffer, 0, buffer.length, position)
        if (readBytes < buffer.length)
          throw new DamagedError(file, position + readBytes, 'it ends early')
        return buffer
      },
      close: () => closeSync(descriptor),
    }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/**
 * Reads every record once and compares the digest with the header's.
 *
 * @throws {DamagedError} where a record was altered.
 */
export function verify(file: string): Header {
  const spool = open(file)
  try {
    const hash = createHash('sha256')
    for (let first = 0; first < spool.header.count; first += VERIFY_RECORDS) {
      hash.update(spool.read(first, VERIFY_RECORDS))
    }
    const sha256 = hash.digest('hex')
    if (sha256 !== spool.header.sha256) {
      throw new DamagedError(
        file,
        HEADER_SIZE_BYTES,
        `the records' SHA-256 is ${sha256}, the header says ${spool.header.sha256}`,
      )
    }
    return spool.header
  } finally {
    spool.close()
  }
}

const VERIFY_RECORDS = 4096

/** Writes a spool record by record; the header is written last, so a torn file has none. */
export type Writer = {
  append(record: Uint8Array): void
  finish(): Header
}

/**
 * Begins a spool at `file`, replacing what is there.
 *
 * @throws {BindingError} where the header would be malformed, or longer than its place.
 */
export function create(
  file: string,
  binding: Omit<Header, 'format' | 'version' | 'recordSizeBytes' | 'count' | 'sha256'>,
): Writer {
  const recordSizeBytes = RECORD_SIZE_BYTES[binding.path]
  const toHeader = (count: number, sha256: string): Header => ({
    format: 'ballotstorm/spool',
    version: VERSION,
    ...binding,
    recordSizeBytes,
    count,
    sha256,
  })
  assertFits(toHeader(Number.MAX_SAFE_INTEGER, '0'.repeat(64)))
  const descriptor = openSync(file, 'w')
  const hash: Hash = createHash('sha256')
  writeSync(descriptor, Buffer.alloc(HEADER_SIZE_BYTES, ' '))
  let count = 0
  return {
    append(record) {
      hash.update(record)
      writeSync(descriptor, record)
      count += record.length / recordSizeBytes
    },
    finish() {
      const header = toHeader(count, hash.digest('hex'))
      writeSync(descriptor, JSON.stringify(header), 0)
      closeSync(descriptor)
      return header
    },
  }
}

/** A record of the path `relayed`. */
export function encodeRelayed(ballot: Ballot, voter: Uint8Array): Buffer {
  const record = Buffer.alloc(RECORD_SIZE_BYTES.relayed)
  Batch.writeRecord(record, 0, ballot)
  record.set(voter, Batch.RECORD_SIZE_BYTES)
  return record
}

/** The ballot and the voter's address (20 bytes) in the record at `offset`. */
export function decodeRelayed(source: Buffer, offset: number): { ballot: Ballot; voter: Buffer } {
  const voterAt = offset + Batch.RECORD_SIZE_BYTES
  return { ballot: Batch.readRecord(source, offset), voter: source.subarray(voterAt, voterAt + 20) }
}

/** A record of the path `direct`. */
export function encodeDirect(intent: Intent, transaction: Uint8Array): Buffer {
  const record = Buffer.alloc(RECORD_SIZE_BYTES.direct)
  record.writeUInt32BE(intent.pollId, 0)
  record.writeUInt32BE(intent.voterIndex, 4)
  record.writeUInt8(intent.choice, 8)
  record.writeUInt16BE(transaction.length, 9)
  record.set(transaction, 11)
  return record
}

/** The raw signed transaction in the record at `offset`. */
export function decodeDirect(source: Buffer, offset: number): Buffer {
  const length = source.readUInt16BE(offset + 9)
  return source.subarray(offset + 11, offset + 11 + length)
}

/** The part that both kinds of record share. */
export function decodeIntent(source: Buffer, offset: number): Intent {
  return {
    pollId: source.readUInt32BE(offset),
    voterIndex: source.readUInt32BE(offset + 4),
    choice: source.readUInt8(offset + 8),
  }
}

function assertFits(header: Header): void {
  const [problem] = Value.Errors(HeaderSchema, header)
  if (problem !== undefined) throw new BindingError(`${problem.instancePath} ${problem.message}`)
  const lengthBytes = Buffer.byteLength(JSON.stringify(header))
  if (lengthBytes > HEADER_SIZE_BYTES) {
    throw new BindingError(
      `it takes ${lengthBytes} of ${HEADER_SIZE_BYTES} bytes; shorten the seed`,
    )
  }
}

function readHeader(descriptor: number, file: string): Header {
  const bytes = Buffer.alloc(HEADER_SIZE_BYTES)
  const readBytes = readSync(descriptor, bytes, 0, HEADER_SIZE_BYTES, 0)
  const header = parseJson(bytes.subarray(0, readBytes).toString('utf8'))
  if (!Value.Check(HeaderSchema, header)) {
    throw new DamagedError(file, 0, 'its header is missing or of another version')
  }
  return header
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export class BindingError extends Error {
  override readonly name = 'Spool.BindingError'
  readonly code = 'SPOOL_BINDING'
  constructor(problem: string) {
    super(`A spool cannot have this header: ${problem}.`)
  }
}

export class DamagedError extends Error {
  override readonly name = 'Spool.DamagedError'
  readonly code = 'SPOOL_DAMAGED'
  constructor(file: string, offsetBytes: number, reason: string) {
    super(`The spool ${file} is damaged at byte ${offsetBytes}: ${reason}. Presign it again.`)
  }
}
