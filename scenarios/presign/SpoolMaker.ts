import { closeSync, openSync } from 'node:fs'

import * as Register from '../ballots/Register.ts'
import * as Spool from '../ballots/Spool.ts'
import type { Maker } from './Maker.ts'
import * as Recorder from './Recorder.ts'
import * as Segment from '../schedule/Segment.ts'

/** A spool, or a segment of one. */
export type Work = Recorder.Options & {
  kind: 'spool'
  file: string
  /** The voters' addresses. */
  registerFile: string
  segment: Segment.Segment
  /** Records of the segment. */
  count: number
}

/** Signs the ballots of a segment. Memory is one block. */
export function create(work: Work): Maker {
  const { file, registerFile, path, segment, count } = work
  const recordSizeBytes = Spool.RECORD_SIZE_BYTES[path]
  const register = Register.open(registerFile)
  const record = Recorder.create(work, register)
  const descriptor = openSync(file, 'r+')
  return {
    make(block) {
      const first = block * Spool.BLOCK_RECORDS
      const records = Buffer.alloc(Math.min(Spool.BLOCK_RECORDS, count - first) * recordSizeBytes)
      for (let offset = 0; offset < records.length; offset += recordSizeBytes) {
        record(Segment.ballotAt(segment, first + offset / recordSizeBytes), records, offset)
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
