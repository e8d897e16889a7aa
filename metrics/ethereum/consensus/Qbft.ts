import { decodeRlp } from 'ethers'

import * as Rlp from '../Rlp.ts'

/** Marks a block as sealed by Istanbul consensus. */
export const MIX_HASH = '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365'

/** What QBFT writes into a header. */
export type Extra = {
  vanity: string
  /** Lower-case hex. */
  validators: string[]
  /** Whom the proposer wants in (`0xff`) or out (`0x`). */
  vote: { recipient: string; isFor: boolean } | undefined
  round: number
  /** Seals, 65 bytes each. */
  seals: string[]
}

/** Reads a header's `extraData`; `undefined` where it is none of QBFT. */
export function parse(extraData: string): Extra | undefined {
  const fields = decode(extraData)
  const [vanity, validators, vote, round, seals] = fields ?? []
  if (typeof vanity !== 'string' || typeof round !== 'string') return undefined
  if (!isStrings(validators) || !isStrings(vote) || !isStrings(seals)) return undefined
  const [recipient, kind] = vote
  return {
    vanity,
    validators: validators.map((address) => address.toLowerCase()),
    vote:
      recipient === undefined
        ? undefined
        : { recipient: recipient.toLowerCase(), isFor: kind === '0xff' },
    round: Number(round === '0x' ? 0 : round),
    seals,
  }
}

/**
 * The `extraData` without seals and with this round: with the block's own round it is what the
 * validators sealed, with round 0 what the block's hash is made of. `undefined` where it is none.
 */
export function unsealed(extraData: string, round: number): Buffer | undefined {
  const fields = decode(extraData)
  if (fields === undefined) return undefined
  const [vanity, validators, vote] = fields
  const items = [vanity, validators, vote].map(item)
  return Rlp.encode([...items, Rlp.integer(`0x${round.toString(16)}`), []])
}

/** Seals that make a block of so many validators final: two thirds, rounded up. */
export function quorum(validatorCount: number): number {
  return Math.ceil((2 * validatorCount) / 3)
}

type Decoded = string | Decoded[]

function decode(extraData: string): Decoded[] | undefined {
  try {
    const decoded: Decoded = decodeRlp(extraData)
    return Array.isArray(decoded) && decoded.length === 5 ? decoded : undefined
  } catch {
    return undefined
  }
}

function item(decoded: Decoded | undefined): Rlp.Item {
  if (Array.isArray(decoded)) return decoded.map(item)
  return Rlp.bytes(decoded ?? '0x')
}

function isStrings(decoded: Decoded | undefined): decoded is string[] {
  return Array.isArray(decoded) && decoded.every((one) => typeof one === 'string')
}
