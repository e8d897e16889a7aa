import { AbiCoder } from 'ethers'
import { Type, type Static } from 'typebox'

import { keccak256 } from './keccak256.ts'

/** A poll as the plan holds it: its texts, and its times relative to the start of the storm. */
export const Schema = Type.Object(
  {
    pollId: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1 }),
    question: Type.String({ minLength: 1, maxLength: 500 }),
    options: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      minItems: 2,
      maxItems: 255,
    }),
    /** The API accepts until this long after the start of the storm. */
    closesAfterMs: Type.Integer({ minimum: 0 }),
    /** Real time from closing until the last block timestamp that counts; never compressed. */
    sealsAfterCloseMs: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
)

export type Poll = Static<typeof Schema>

/**
 * What a ballot is bound to, 32 bytes: question, options in order, and the register commitment.
 * Whoever swaps two options or adds a voter makes other ballots necessary.
 */
export function digest(
  poll: { question: string; options: readonly string[] },
  registerCommitment: Uint8Array,
): Buffer {
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ['string', 'string[]', 'bytes32'],
    [poll.question, poll.options, registerCommitment],
  )
  return keccak256(Buffer.from(encoded.slice(2), 'hex'))
}
