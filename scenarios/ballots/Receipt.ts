import { Type, type Static } from 'typebox'

import { keccak256 } from './keccak256.ts'
import * as Signature from './Signature.ts'
import { word } from './word.ts'

/**
 * The API's signed promise that a ballot will count: "durable at `acceptedAtMs`, on the chain by
 * `sealsAt`". A receipt whose poll is sealed without the ballot proves the breach.
 */
export const Schema = Type.Object(
  {
    ballotHash: Type.String({ pattern: '^0x[0-9a-f]{64}$' }),
    pollId: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1 }),
    /** Unix milliseconds. */
    acceptedAtMs: Type.Integer({ minimum: 0 }),
    /** Unix seconds, as the contract holds it. */
    sealsAt: Type.Integer({ minimum: 0 }),
    /** The API's signature over the rest, 65 bytes. */
    signature: Type.String({ pattern: '^0x[0-9a-f]{130}$' }),
  },
  { additionalProperties: false },
)

export type Receipt = Static<typeof Schema>

const TYPE_HASH = keccak256(Buffer.from('ballotstorm receipt v1'))

/** Signs a receipt; the same fields and key give the same signature. */
export function sign(fields: Omit<Receipt, 'signature'>, privateKey: Uint8Array): Receipt {
  return { ...fields, signature: `0x${Signature.sign(digest(fields), privateKey).toString('hex')}` }
}

/** The address (20 bytes) that signed the receipt, or `undefined` where nobody did. */
export function signer(receipt: Receipt): Buffer | undefined {
  return Signature.recover(digest(receipt), Buffer.from(receipt.signature.slice(2), 'hex'))
}

function digest(fields: Omit<Receipt, 'signature'>): Buffer {
  return keccak256(
    TYPE_HASH,
    Buffer.from(fields.ballotHash.slice(2), 'hex'),
    word(fields.pollId),
    word(fields.acceptedAtMs),
    word(fields.sealsAt),
  )
}
