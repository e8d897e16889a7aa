import { createHash } from 'node:crypto'

/**
 * A keyed hash of two numbers to 0 … 2^32 − 1, at the price of two multiplications each: chance by
 * position where a stream would have to be drawn in order. No cryptography.
 *
 * @param left - 0 to 2^32 − 1.
 * @param right - 0 to 2^32 − 1.
 */
export type Hash = (left: number, right: number) => number

/** The hash that follows from `seed` and `label`; another label gives an unrelated one. */
export function create(seed: string, label: string): Hash {
  const key = createHash('sha256').update(`ballotstorm/hash/v1\0${seed}\0${label}`).digest()
  const leftKey = key.readInt32LE(0)
  const rightKey = key.readInt32LE(4)
  return (left, right) => mix((mix(left ^ leftKey) + right) ^ rightKey) >>> 0
}

/** The finaliser of MurmurHash3: every input bit reaches every output bit. */
function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** A hash as a number in (0, 1): the middle of its cell, so that neither end is ever met. */
export function toUniform(hash: number): number {
  return (hash + 0.5) / 2 ** 32
}
