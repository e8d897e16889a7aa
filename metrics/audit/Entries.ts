import type { Ballot } from '../contracts/Decoder.ts'

/**
 * A ballot as it travels between threads: a record of a fixed size in one buffer, because objects
 * would cost more than the checks themselves.
 */
export type Entry = Omit<Ballot, 'proof'> & { proof: Proof }

/** As the decoder says it; before the poll digest of a `sender` stands the recovered sender (20 bytes). */
export type Proof = { kind: ProofKind; bytes: Uint8Array }
export type ProofKind = (typeof KINDS)[number]

const KINDS = ['none', 'signature', 'sender', 'key', 'unnamed', 'further'] as const

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
