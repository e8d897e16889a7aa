/**
 * Ballots as they travel between threads: records of a fixed size in one buffer, because objects
 * would cost more than the checks themselves.
 */
export type Entry = {
  pollId: number
  voterIndex: number
  choice: number
  /** The reason for which the contract skipped it, 0 where it counted it. */
  skipReason: number
  /** Index into the block's `transactions`. */
  transaction: number
  proof: Proof
}

/**
 * Who says that this is the voter's will.
 *
 * - `signature`: the voter, by a signature of 65 bytes over the ballot.
 * - `sender`: the voter, by the transaction: its recovered sender (20 bytes) and the poll digest
 *   that it names (32).
 * - `key`: the service, under a key that holds the voter's address (20 bytes).
 * - `none`: the service alone.
 * - `foreign`: the service alone, under a key that names no voter of a register.
 * - `more`: a further option of the vote before.
 */
export type Proof = { kind: ProofKind; bytes: Uint8Array }
export type ProofKind = (typeof KINDS)[number]

const KINDS = ['none', 'signature', 'sender', 'key', 'foreign', 'more'] as const

export const SIZE_BYTES = 80
/** Where the proof begins; the longest is a signature. */
const PROOF_AT = 15

/** Packs entries one after the other. */
export function encode(entries: readonly Entry[]): Buffer {
  const bytes = Buffer.alloc(entries.length * SIZE_BYTES)
  entries.forEach((entry, index) => {
    const start = index * SIZE_BYTES
    bytes.writeUInt32BE(entry.pollId, start)
    bytes.writeUInt32BE(entry.voterIndex, start + 4)
    bytes.writeUInt8(entry.choice, start + 8)
    bytes.writeUInt8(entry.skipReason, start + 9)
    bytes.writeUInt32BE(entry.transaction, start + 10)
    bytes.writeUInt8(KINDS.indexOf(entry.proof.kind), start + 14)
    bytes.set(entry.proof.bytes, start + PROOF_AT)
  })
  return bytes
}

/** The entry at an index; its proof is a view of 65 bytes into the buffer. */
export function at(bytes: Buffer, index: number): Entry {
  const start = index * SIZE_BYTES
  return {
    pollId: bytes.readUInt32BE(start),
    voterIndex: bytes.readUInt32BE(start + 4),
    choice: bytes.readUInt8(start + 8),
    skipReason: bytes.readUInt8(start + 9),
    transaction: bytes.readUInt32BE(start + 10),
    proof: {
      kind: KINDS[bytes.readUInt8(start + 14)] ?? 'none',
      bytes: bytes.subarray(start + PROOF_AT, start + SIZE_BYTES),
    },
  }
}

/** How many a buffer holds. */
export function count(bytes: Uint8Array): number {
  return bytes.length / SIZE_BYTES
}
