import type { Design } from './Design.ts'
import { direct } from './direct.ts'
import { relayed } from './relayed.ts'

/** The designs in the order in which help and comparison list them. */
export const designs: readonly Design[] = [relayed, direct]
