import { createHash } from 'node:crypto'

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

/** A stream of uniform numbers in [0, 1) that follows from its seed and label alone. */
export type Prng = () => number

/**
 * A stream for one purpose: streams with different labels are independent, so that drawing more
 * from one never shifts another.
 */
export function create(seed: string, label: string): Prng {
  const start = createHash('sha256').update(`ballotstorm/prng/v1\0${seed}\0${label}`).digest()
  // All 128 bits of the state: from a seed of 32 bits two of many streams could be the same.
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => start.readInt32LE(at)))
  return () => uniformFloat64(generator)
}
