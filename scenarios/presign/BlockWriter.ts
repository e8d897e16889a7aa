import { closeSync, openSync } from 'node:fs'

import * as Address from '../ballots/Address.ts'
import { REGISTER_CHUNK_VOTERS } from '../ballots/Contract.ts'
import { keccak256 } from '../ballots/keccak256.ts'
import * as Register from '../ballots/Register.ts'
import * as Spool from '../ballots/Spool.ts'
import * as Electorate from '../population/Electorate.ts'
import * as Segment from '../schedule/Segment.ts'
import * as BallotSigner from './BallotSigner.ts'

/** A register: each block is a chunk as it is enrolled. */
export type RegisterWork = {
  kind: 'register'
  file: string
  electorate: Electorate.Electorate
}

/** A spool, or a segment of one. */
export type SpoolWork = BallotSigner.Options & {
  kind: 'spool'
  file: string
  /** The voters' addresses. */
  registerFile: string
  segment: Segment.Segment
  /** Records of the segment. */
  count: number
}

/** What is to be written block by block, as plain data: it is sent to worker threads. */
export type Work = RegisterWork | SpoolWork

/** Writes the blocks of a file that has its full length already, in any order. */
export type BlockWriter = {
  /** Writes a block to its place; gives its digest, 32 bytes. */
  write(block: number): Uint8Array
  close(): void
}

/** The writer for some work. Memory is one block. */
export function create(work: Work): BlockWriter {
  return work.kind === 'register' ? registerWriter(work) : spoolWriter(work)
}

/** Derives the addresses of the voters; the digest is the chunk's link in the commitment. */
function registerWriter({ file, electorate }: RegisterWork): BlockWriter {
  const descriptor = openSync(file, 'r+')
  return {
    write(block) {
      const first = block * REGISTER_CHUNK_VOTERS
      const count = Math.min(REGISTER_CHUNK_VOTERS, electorate.size - first)
      const chunk = Buffer.alloc(count * Address.SIZE_BYTES)
      for (let index = 0; index < count; index += 1) {
        const key = Electorate.privateKey(electorate.seed, first + index)
        chunk.set(Address.fromPrivateKey(key), index * Address.SIZE_BYTES)
      }
      Spool.writeFully(descriptor, chunk, first * Address.SIZE_BYTES)
      return keccak256(chunk)
    },
    close: () => closeSync(descriptor),
  }
}

/** Signs the ballots of a segment. */
function spoolWriter(work: SpoolWork): BlockWriter {
  const { file, registerFile, path, segment, count } = work
  const recordSizeBytes = Spool.RECORD_SIZE_BYTES[path]
  const register = Register.open(registerFile)
  const sign = BallotSigner.create(work, register)
  const descriptor = openSync(file, 'r+')
  return {
    write(block) {
      const first = block * Spool.BLOCK_RECORDS
      const records = Buffer.alloc(Math.min(Spool.BLOCK_RECORDS, count - first) * recordSizeBytes)
      for (let offset = 0; offset < records.length; offset += recordSizeBytes) {
        sign(Segment.ballotAt(segment, first + offset / recordSizeBytes), records, offset)
      }
      Spool.writeFully(descriptor, records, Spool.positionOf(recordSizeBytes, first))
      return Spool.blockDigest(records)
    },
    close() {
      closeSync(descriptor)
      register.close()
    },
  }
}
