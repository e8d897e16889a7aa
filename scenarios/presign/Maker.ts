import * as RegisterMaker from './RegisterMaker.ts'
import * as SpoolMaker from './SpoolMaker.ts'

/** What is to be made block by block, as plain data: it is sent to worker threads. */
export type Work = RegisterMaker.Work | SpoolMaker.Work

/** Makes the blocks of a file that lies there in its full length, in any order. */
export type Maker = {
  /** Writes a block to its place; gives its digest, 32 bytes. */
  make(block: number): Uint8Array
  close(): void
}

/** The maker of some work. */
export function create(work: Work): Maker {
  return work.kind === 'register' ? RegisterMaker.create(work) : SpoolMaker.create(work)
}
