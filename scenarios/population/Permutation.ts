import { createHmac } from 'node:crypto'

/** A keyed bijection of 0 … size − 1 onto itself that holds no table. */
export type Permutation = {
  size: number
  forward(index: number): number
  inverse(index: number): number
}

/** Four rounds make a Feistel network of pseudo-random functions a strong permutation (Luby–Rackoff). */
const ROUND_COUNT = 4

/**
 * A permutation that follows from `key` alone: a Feistel network over the next even number of bits,
 * walked along its cycle until the result is below `size` (fewer than four steps on average).
 *
 * @param key - any string; another key gives another order.
 * @param size - 1 to 2^32.
 */
export function create(key: string, size: number): Permutation {
  const halfBits = Math.max(1, Math.ceil(Math.log2(size) / 2))
  const mask = 2 ** halfBits - 1
  const material = createHmac('sha256', 'ballotstorm/permutation/v1').update(key).digest()
  const roundKeys = Array.from({ length: ROUND_COUNT }, (_, round) =>
    material.readUInt32LE(round * 4),
  )

  const step = (index: number, keys: readonly number[]): number => {
    let left = index >>> halfBits
    let right = index & mask
    // By index: an iterator here takes half of the time.
    for (let round = 0; round < ROUND_COUNT; round += 1) {
      const mixed = left ^ (mix(right, keys[round] ?? 0) & mask)
      left = right
      right = mixed
    }
    // The halves leave swapped, so that the same walk with the keys reversed undoes it.
    return ((right << halfBits) | left) >>> 0
  }
  const walk = (index: number, keys: readonly number[]): number => {
    if (!Number.isInteger(index) || index < 0 || index >= size) {
      throw new RangeError(`The index ${index} is outside of a permutation of ${size}.`)
    }
    let at = step(index, keys)
    while (at >= size) at = step(at, keys)
    return at
  }
  const reversedKeys = roundKeys.toReversed()
  return {
    size,
    forward: (index) => walk(index, roundKeys),
    inverse: (index) => walk(index, reversedKeys),
  }
}

/** The finaliser of MurmurHash3 over the keyed value: every input bit reaches every output bit. */
function mix(value: number, key: number): number {
  let hash = (value ^ key) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
