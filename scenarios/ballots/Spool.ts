import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

import { BallotstormError } from '../runtime/BallotstormError.ts'
import type { Ballot } from './Ballot.ts'
import * as Batch from './Batch.ts'
import * as SpoolHeader from './SpoolHeader.ts'

/**
 * A file of signed ballots in cast order: a header of {@link HEADER_SIZE_BYTES} (JSON, padded
 * with spaces), then records of one fixed size, so that ballot *k* is at header + *k* × size, then
 * the SHA-256 of each block of {@link BLOCK_RECORDS} records (32 bytes each, the last block may be
 * shorter). The header binds the digests, and is bound by a digest itself: each byte of the file is
 * accounted for, and damage is known by its place.
 *
 * Every record begins with pollId (4 bytes), voterIndex (4) and choice (1), big end first. Then:
 * - `relayed`: the signature (65) and the voter's address (20);
 * - `direct`: the length of the raw transaction (2) and the transaction.
 */
export const HEADER_SIZE_BYTES = SpoolHeader.SIZE_BYTES
export const RECORD_SIZE_BYTES = SpoolHeader.RECORD_SIZE_BYTES
export const BLOCK_RECORDS = SpoolHeader.BLOCK_RECORDS

/** Bytes of a block's digest. */
export const DIGEST_SIZE_BYTES = 32

export type Header = SpoolHeader.Header
export type Binding = SpoolHeader.Binding

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
 * Opens a spool and checks header, length and the list of digests, but not the records: that is
 * {@link verify}.
 *
 * @throws {DamagedError} names the file, the byte offset and the way out.
 */
export function open(file: string): Spool {
  return openWithDigests(file)
}

/**
 * Reads every record once and compares each block with its digest.
 *
 * @throws {DamagedError} names the block in which a record was altered.
 */
export function verify(file: string): Header {
  const spool = openWithDigests(file)
  const { count, recordSizeBytes } = spool.header
  try {
    for (let block = 0; block < blockCount(count); block += 1) {
      const first = block * BLOCK_RECORDS
      const records = spool.read(first, BLOCK_RECORDS)
      const expected = spool.digests.subarray(
        block * DIGEST_SIZE_BYTES,
        (block + 1) * DIGEST_SIZE_BYTES,
      )
      if (!blockDigest(records).equals(expected)) {
        throw new DamagedError(
          file,
          positionOf(recordSizeBytes, first),
          `there or in the ${records.length - 1} bytes after it a record was altered`,
        )
      }
    }
    return spool.header
  } finally {
    spool.close()
  }
}

/** Blocks of so many records. */
export function blockCount(count: number): number {
  return Math.ceil(count / BLOCK_RECORDS)
}

/** The digest of a block's records. */
export function blockDigest(records: Uint8Array): Buffer {
  return createHash('sha256').update(records).digest()
}

/** Where a record begins in the file, in bytes; for *k* = count, where the digests begin. */
export function positionOf(recordSizeBytes: number, record: number): number {
  return HEADER_SIZE_BYTES + record * recordSizeBytes
}

/**
 * Makes a file whose records are all in place a spool: writes the blocks' digests behind them, and
 * last the header.
 *
 * @param digests - of all blocks, 32 bytes each.
 * @throws {BindingError} where the header would be malformed, or longer than its place.
 */
export function seal(
  descriptor: number,
  binding: Binding,
  count: number,
  digests: Uint8Array,
): Header {
  const header = SpoolHeader.create(binding, count, digests)
  writeFully(descriptor, digests, positionOf(header.recordSizeBytes, count))
  writeFully(descriptor, SpoolHeader.toBytes(header), 0)
  return header
}

/**
 * Refuses a binding that no header can hold, before a ballot is signed.
 *
 * @throws {BindingError} says what is malformed or too long.
 */
export function assertBinding(binding: Binding): void {
  SpoolHeader.create(binding, Number.MAX_SAFE_INTEGER, Buffer.alloc(0))
}

/** Writes a spool record by record; the header is written last, so a torn file has none. */
export type Writer = {
  /** Takes one or several whole records. */
  append(records: Uint8Array): void
  finish(): Header
}

/**
 * Begins a spool at `file`, replacing what is there.
 *
 * @throws {BindingError} as {@link assertBinding} does.
 */
export function create(file: string, binding: Binding): Writer {
  assertBinding(binding)
  const recordSizeBytes = RECORD_SIZE_BYTES[binding.path]
  const descriptor = openSync(file, 'w')
  const digests: Buffer[] = []
  let hash = createHash('sha256')
  let count = 0
  return {
    append(records) {
      writeFully(descriptor, records, positionOf(recordSizeBytes, count))
      for (let offset = 0; offset < records.length;) {
        const room = BLOCK_RECORDS - (count % BLOCK_RECORDS)
        const part = records.subarray(offset, offset + room * recordSizeBytes)
        hash.update(part)
        offset += part.length
        count += part.length / recordSizeBytes
        if (count % BLOCK_RECORDS === 0) {
          digests.push(hash.digest())
          hash = createHash('sha256')
        }
      }
    },
    finish() {
      if (count % BLOCK_RECORDS > 0) digests.push(hash.digest())
      const header = seal(descriptor, binding, count, Buffer.concat(digests))
      closeSync(descriptor)
      return header
    },
  }
}

/** A record of the path `api`. */
export function encodeSigned(ballot: Ballot, voter: Uint8Array): Buffer {
  const record = Buffer.alloc(RECORD_SIZE_BYTES.api)
  writeSigned(record, 0, ballot, voter)
  return record
}

/** Writes a record of the path `api` at `offset` of a zeroed buffer. */
export function writeSigned(
  target: Buffer,
  offset: number,
  ballot: Ballot,
  voter: Uint8Array,
): void {
  Batch.writeRecord(target, offset, ballot)
  target.set(voter, offset + Batch.RECORD_SIZE_BYTES)
}

/** The ballot and the voter's address (20 bytes) in the record at `offset`. */
export function decodeSigned(source: Buffer, offset: number): { ballot: Ballot; voter: Buffer } {
  const voterAt = offset + Batch.RECORD_SIZE_BYTES
  return { ballot: Batch.readRecord(source, offset), voter: source.subarray(voterAt, voterAt + 20) }
}

/** A record of the path `rpc`. */
export function encodeTransaction(intent: Intent, transaction: Uint8Array): Buffer {
  const record = Buffer.alloc(RECORD_SIZE_BYTES.rpc)
  writeTransaction(record, 0, intent, transaction)
  return record
}

/** Writes a record of the path `rpc` at `offset` of a zeroed buffer. */
export function writeTransaction(
  target: Buffer,
  offset: number,
  intent: Intent,
  transaction: Uint8Array,
): void {
  target.writeUInt32BE(intent.pollId, offset)
  target.writeUInt32BE(intent.voterIndex, offset + 4)
  target.writeUInt8(intent.choice, offset + 8)
  target.writeUInt16BE(transaction.length, offset + 9)
  target.set(transaction, offset + 11)
}

/** The raw signed transaction in the record at `offset`. */
export function decodeTransaction(source: Buffer, offset: number): Buffer {
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

/**
 * Writes all bytes at a position: one `write` may take fewer, for example as the disk fills up.
 */
export function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written)
  }
}

function openWithDigests(file: string): Spool & { digests: Buffer } {
  const descriptor = openSync(file, 'r')
  try {
    const header = readHeader(descriptor, file)
    const read = (first: number, count: number): Buffer => {
      const records = Math.max(0, Math.min(count, header.count - first))
      const position = positionOf(header.recordSizeBytes, first)
      return readFully(descriptor, file, position, records * header.recordSizeBytes)
    }
    const digests = readDigests(descriptor, file, header)
    return { header, digests, read, close: () => closeSync(descriptor) }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

function readHeader(descriptor: number, file: string): Header {
  const bytes = Buffer.alloc(HEADER_SIZE_BYTES)
  const readBytes = readSync(descriptor, bytes, 0, HEADER_SIZE_BYTES, 0)
  const header = SpoolHeader.fromBytes(bytes.subarray(0, readBytes))
  if (header === undefined) {
    throw new DamagedError(file, 0, 'its header is missing or of another version')
  }
  if (!SpoolHeader.isIntact(header, bytes)) {
    throw new DamagedError(file, 0, 'its header was altered')
  }
  return header
}

function readDigests(descriptor: number, file: string, header: Header): Buffer {
  const position = positionOf(header.recordSizeBytes, header.count)
  const lengthBytes = blockCount(header.count) * DIGEST_SIZE_BYTES
  const expectedBytes = position + lengthBytes
  const sizeBytes = fstatSync(descriptor).size
  if (sizeBytes !== expectedBytes) {
    const offsetBytes = Math.min(sizeBytes, expectedBytes)
    const reason = `it has ${sizeBytes} bytes, its header says ${expectedBytes}`
    throw new DamagedError(file, offsetBytes, reason)
  }
  const digests = readFully(descriptor, file, position, lengthBytes)
  if (createHash('sha256').update(digests).digest('hex') !== header.blocksSha256) {
    const reason = `there or in the ${lengthBytes - 1} bytes after it a digest was altered`
    throw new DamagedError(file, position, reason)
  }
  return digests
}

function readFully(
  descriptor: number,
  file: string,
  position: number,
  lengthBytes: number,
): Buffer {
  const bytes = Buffer.alloc(lengthBytes)
  const readBytes = readSync(descriptor, bytes, 0, lengthBytes, position)
  if (readBytes < lengthBytes) throw new DamagedError(file, position + readBytes, 'it ends early')
  return bytes
}

/** A spool is cut off, altered, or no spool. */
export class DamagedError extends BallotstormError {
  override readonly name = 'Spool.DamagedError'
  readonly code = 'SPOOL_DAMAGED'
  readonly exitCode = 104
  readonly remedy = 'Presign the spool again.'
  /** Where the damage begins, or the part of the file that it lies in. */
  readonly offsetBytes: number
  constructor(file: string, offsetBytes: number, reason: string) {
    super(`The spool ${file} is damaged at byte ${offsetBytes}: ${reason}.`)
    this.offsetBytes = offsetBytes
  }
}
