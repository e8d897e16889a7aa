import { createHash } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs'

import { writeFully } from '../ballots/Spool.ts'

/**
 * A file that is made block by block, in any order, and goes on after an interruption. It grows up
 * as `<file>.part`; beside it `<file>.journal` holds what it will be (32 bytes) and the digest of
 * each finished block (32 bytes each, zeros before). A block counts only while its bytes have its
 * digest, so that whatever a crash has left behind is found out.
 */
export type PartFile = {
  /** Where the blocks are written. */
  path: string
  /** Blocks that are still to be made, ascending. */
  missing: readonly number[]
  /** A block is in its place. */
  note: (block: number, digest: Uint8Array) => void
  /** The digests of all blocks, one after the other. */
  digests: Buffer
  /**
   * Gives the file its name, on disk before the name is.
   *
   * @param complete - writes what goes around the blocks.
   */
  finish<Result>(complete: (descriptor: number) => Result): Result
  /** Ends the work and keeps what there is; nothing after {@link PartFile.finish}. */
  close(): void
}

export type Options = {
  /** Anything that tells this content from any other. */
  content: unknown
  /** Where the first item begins. */
  startBytes: number
  itemSizeBytes: number
  itemCount: number
  /** Items in each block but the last. */
  blockItems: number
  /** The digest of a block, 32 bytes. */
  digest: (block: Uint8Array) => Uint8Array
  /** Called with the items that there are: at once, and with each block. */
  onProgress?: ((done: number, total: number) => void) | undefined
}

const DIGEST_SIZE_BYTES = 32
const NOT_MADE = Buffer.alloc(DIGEST_SIZE_BYTES)

/** Begins a file, or goes on with one of the same content that was interrupted. */
export function open(file: string, options: Options): PartFile {
  const { content, startBytes, itemSizeBytes, itemCount, blockItems, onProgress } = options
  const paths = { part: `${file}.part`, journal: `${file}.journal` }
  const blockCount = Math.ceil(itemCount / blockItems)
  const contentDigest = createHash('sha256').update(JSON.stringify(content)).digest()
  // Opened for appending, a file is made where there is none and kept where there is one.
  closeSync(openSync(paths.part, 'a'))
  closeSync(openSync(paths.journal, 'a'))
  const part = openSync(paths.part, 'r+')
  const journal = openSync(paths.journal, 'r+')

  const digests = readJournal(journal, contentDigest, blockCount)
  const missing = findMissing(part, digests, options)
  for (const block of missing) NOT_MADE.copy(digests, block * DIGEST_SIZE_BYTES)
  ftruncateSync(journal, 0)
  writeFully(journal, Buffer.concat([contentDigest, digests]), 0)
  ftruncateSync(part, startBytes + itemCount * itemSizeBytes)

  const itemsIn = (block: number): number => Math.min(blockItems, itemCount - block * blockItems)
  let done = itemCount - missing.reduce((sum, block) => sum + itemsIn(block), 0)
  onProgress?.(done, itemCount)
  let isOpen = true
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    closeSync(part)
    closeSync(journal)
  }
  return {
    path: paths.part,
    missing,
    digests,
    close,
    note(block, digest) {
      digests.set(digest, block * DIGEST_SIZE_BYTES)
      writeFully(journal, digest, (block + 1) * DIGEST_SIZE_BYTES)
      done += itemsIn(block)
      onProgress?.(done, itemCount)
    },
    finish(complete) {
      const result = complete(part)
      fsyncSync(part)
      close()
      renameSync(paths.part, file)
      rmSync(paths.journal)
      return result
    },
  }
}

/** The digests in the journal; all zeros where it is one of other content, or there is none. */
function readJournal(journal: number, contentDigest: Buffer, blockCount: number): Buffer {
  const bytes = Buffer.alloc((blockCount + 1) * DIGEST_SIZE_BYTES)
  readSync(journal, bytes, 0, bytes.length, 0)
  const isSame = bytes.subarray(0, DIGEST_SIZE_BYTES).equals(contentDigest)
  return isSame ? bytes.subarray(DIGEST_SIZE_BYTES) : bytes.subarray(DIGEST_SIZE_BYTES).fill(0)
}

/** The blocks that have no digest, or other bytes than it says. */
function findMissing(part: number, digests: Buffer, options: Options): number[] {
  const { startBytes, itemSizeBytes, itemCount, blockItems, digest } = options
  const sizeBytes = fstatSync(part).size
  const blocks = Array.from({ length: digests.length / DIGEST_SIZE_BYTES }, (_, block) => block)
  const buffer = Buffer.alloc(blockItems * itemSizeBytes)
  return blocks.filter((block) => {
    const expected = digests.subarray(block * DIGEST_SIZE_BYTES, (block + 1) * DIGEST_SIZE_BYTES)
    if (expected.equals(NOT_MADE)) return true
    const first = block * blockItems
    const lengthBytes = Math.min(blockItems, itemCount - first) * itemSizeBytes
    const position = startBytes + first * itemSizeBytes
    if (position + lengthBytes > sizeBytes) return true
    readSync(part, buffer, 0, lengthBytes, position)
    return !expected.equals(digest(buffer.subarray(0, lengthBytes)))
  })
}
