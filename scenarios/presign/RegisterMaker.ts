import { closeSync, openSync } from 'node:fs'

import * as Address from '../ballots/Address.ts'
import { REGISTER_CHUNK_VOTERS } from '../ballots/Contract.ts'
import { keccak256 } from '../ballots/keccak256.ts'
import { writeFully } from '../ballots/Spool.ts'
import * as Electorate from '../population/Electorate.ts'
import type { Maker } from './Maker.ts'

/** A register: each block is a chunk as it is enrolled. */
export type Work = {
  kind: 'register'
  file: string
  electorate: Electorate.Electorate
}

/** Derives the addresses of the voters; the digest is the chunk's link in the commitment. */
export function create({ file, electorate }: Work): Maker {
  const descriptor = openSync(file, 'r+')
  return {
    make(block) {
      const first = block * REGISTER_CHUNK_VOTERS
      const count = Math.min(REGISTER_CHUNK_VOTERS, electorate.size - first)
      const chunk = Buffer.alloc(count * Address.SIZE_BYTES)
      for (let index = 0; index < count; index += 1) {
        const key = Electorate.privateKey(electorate.seed, first + index)
        chunk.set(Address.fromPrivateKey(key), index * Address.SIZE_BYTES)
      }
      writeFully(descriptor, chunk, first * Address.SIZE_BYTES)
      return keccak256(chunk)
    },
    close: () => closeSync(descriptor),
  }
}
