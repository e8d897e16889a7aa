import { BallotstormError } from '../runtime/BallotstormError.ts'
import type { Ballot } from './Ballot.ts'

/** Bytes of a ballot in a batch: pollId (4), voterIndex (4), choice (1), signature (65). */
export const RECORD_SIZE_BYTES = 74

/** Writes a ballot at `offset`; integers stand big end first, as the contract reads them. */
export function writeRecord(target: Buffer, offset: number, ballot: Ballot): void {
  target.writeUInt32BE(ballot.pollId, offset)
  target.writeUInt32BE(ballot.voterIndex, offset + 4)
  target.writeUInt8(ballot.choice, offset + 8)
  target.set(ballot.signature, offset + 9)
}

/** The ballot at `offset`; its signature is a view into `source`. */
export function readRecord(source: Buffer, offset: number): Ballot {
  return {
    pollId: source.readUInt32BE(offset),
    voterIndex: source.readUInt32BE(offset + 4),
    choice: source.readUInt8(offset + 8),
    signature: source.subarray(offset + 9, offset + RECORD_SIZE_BYTES),
  }
}

/** The argument of `castBatch`: the ballots, one after the other. */
export function encode(ballots: readonly Ballot[]): Buffer {
  const batch = Buffer.alloc(ballots.length * RECORD_SIZE_BYTES)
  ballots.forEach((ballot, index) => writeRecord(batch, index * RECORD_SIZE_BYTES, ballot))
  return batch
}

/**
 * The ballots of a batch.
 *
 * @throws {MalformedError} where the length is not a whole number of records.
 */
export function decode(batch: Buffer): Ballot[] {
  if (batch.length === 0 || batch.length % RECORD_SIZE_BYTES !== 0)
    throw new MalformedError(batch.length)
  return Array.from({ length: batch.length / RECORD_SIZE_BYTES }, (_, index) =>
    readRecord(batch, index * RECORD_SIZE_BYTES),
  )
}

/** The calldata of a cast is no batch of ballots. */
export class MalformedError extends BallotstormError {
  override readonly name = 'Batch.MalformedError'
  readonly code = 'BATCH_MALFORMED'
  readonly exitCode = 1
  readonly remedy = 'See who wrote the batch: the relayer packs none like it.'
  constructor(lengthBytes: number) {
    super(
      `A batch of ${lengthBytes} bytes is no whole number of ${RECORD_SIZE_BYTES}-byte ballots.`,
    )
  }
}
