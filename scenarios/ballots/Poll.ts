import { AbiCoder } from 'ethers'
import { Type, type Static } from 'typebox'

import { keccak256 } from './keccak256.ts'

/**
 * Who may vote where a poll is not open to all: the voters from `firstVoter` on, so many as
 * `voterCount` says, in the order of the register.
 */
export const SliceSchema = Type.Object(
  {
    firstVoter: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
    voterCount: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1 }),
  },
  { additionalProperties: false },
)

export type Slice = Static<typeof SliceSchema>

/** A poll as the plan holds it: its texts, and its times relative to the start of the storm. */
export const Schema = Type.Object(
  {
    pollId: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1 }),
    question: Type.String({ minLength: 1, maxLength: 500 }),
    options: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      minItems: 2,
      maxItems: 255,
    }),
    /** Absent where the whole register may vote. */
    slice: Type.Optional(SliceSchema),
    /** The API accepts until this long after the start of the storm. */
    closesAfterMs: Type.Integer({ minimum: 0 }),
    /** Real time from closing until the last block timestamp that counts; never compressed. */
    sealsAfterCloseMs: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
)

export type Poll = Static<typeof Schema>

/** What a poll's digest binds. */
export type Bound = {
  question: string
  options: readonly string[]
  slice?: Slice | undefined
}

/**
 * What a ballot is bound to, 32 bytes: question, options in order, and the electorate, which is the
 * register's commitment, or for a slice its hash with the slice. Whoever swaps two options, adds a
 * voter or moves the slice makes other ballots necessary.
 */
export function digest(poll: Bound, registerCommitment: Uint8Array): Buffer {
  return hashOf(
    ['string', 'string[]', 'bytes32'],
    [poll.question, poll.options, electorate(poll.slice, registerCommitment)],
  )
}

/** Whether a poll is open to a voter of the register. */
export function isOpenTo(slice: Slice | undefined, voterIndex: number): boolean {
  if (slice === undefined) return true
  return voterIndex >= slice.firstVoter && voterIndex < slice.firstVoter + slice.voterCount
}

function electorate(slice: Slice | undefined, registerCommitment: Uint8Array): Uint8Array {
  if (slice === undefined) return registerCommitment
  return hashOf(
    ['bytes32', 'uint32', 'uint32'],
    [registerCommitment, slice.firstVoter, slice.voterCount],
  )
}

function hashOf(types: readonly string[], values: readonly unknown[]): Buffer {
  const encoded = AbiCoder.defaultAbiCoder().encode(types, values)
  return keccak256(Buffer.from(encoded.slice(2), 'hex'))
}
