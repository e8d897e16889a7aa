import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

import { BallotstormError } from '../runtime/BallotstormError.ts'
import * as Address from './Address.ts'
import { REGISTER_CHUNK_VOTERS } from './Contract.ts'
import { keccak256 } from './keccak256.ts'

/**
 * The register of voters as a file: 20 bytes a voter, in the order of their indices, nothing else.
 * Read by position, so that twelve million voters take no memory.
 */
export type Register = {
  voterCount: number
  /**
   * The voter's address (20 bytes), or `undefined` past the end.
   *
   * @param target - takes the address; who looks up millions makes no garbage by using it again.
   */
  at(voterIndex: number, target?: Buffer): Buffer | undefined
  close(): void
}

/**
 * Opens a register file.
 *
 * @throws {MalformedError} where its size is no whole number of addresses, or 0.
 */
export function open(file: string): Register {
  const descriptor = openSync(file, 'r')
  const sizeBytes = fstatSync(descriptor).size
  if (sizeBytes === 0 || sizeBytes % Address.SIZE_BYTES !== 0) {
    closeSync(descriptor)
    throw new MalformedError(file, sizeBytes)
  }
  const voterCount = sizeBytes / Address.SIZE_BYTES
  return {
    voterCount,
    at(voterIndex, address = Buffer.alloc(Address.SIZE_BYTES)) {
      if (!Number.isInteger(voterIndex) || voterIndex < 0 || voterIndex >= voterCount)
        return undefined
      readSync(descriptor, address, 0, Address.SIZE_BYTES, voterIndex * Address.SIZE_BYTES)
      return address
    },
    close: () => closeSync(descriptor),
  }
}

/**
 * The commitment that the contract computes while the voters are enrolled: a hash chain over the
 * chunks, 32 bytes.
 *
 * @param packedChunks - packed addresses, each but the last of {@link REGISTER_CHUNK_VOTERS} voters.
 */
export function commitment(packedChunks: Iterable<Uint8Array>): Buffer {
  let link: Buffer = Buffer.alloc(32)
  for (const chunk of packedChunks) link = keccak256(link, keccak256(chunk))
  return link
}

/**
 * The packed addresses of a register file, chunk by chunk as they are enrolled.
 *
 * @yields up to {@link REGISTER_CHUNK_VOTERS} addresses of 20 bytes.
 */
export function* chunks(file: string): Generator<Buffer> {
  const register = open(file)
  register.close()
  const descriptor = openSync(file, 'r')
  try {
    const chunk = Buffer.alloc(REGISTER_CHUNK_VOTERS * Address.SIZE_BYTES)
    for (;;) {
      const readBytes = readSync(descriptor, chunk, 0, chunk.length, null)
      if (readBytes === 0) return
      yield Buffer.from(chunk.subarray(0, readBytes))
    }
  } finally {
    closeSync(descriptor)
  }
}

/** The length of a register is no whole number of addresses. */
export class MalformedError extends BallotstormError {
  override readonly name = 'Register.MalformedError'
  readonly code = 'REGISTER_MALFORMED'
  readonly exitCode = 104
  readonly remedy = 'Make the register anew.'
  constructor(file: string, sizeBytes: number) {
    super(
      `The register ${file} has ${sizeBytes} bytes, no whole number of ${Address.SIZE_BYTES}-byte addresses.`,
    )
  }
}
