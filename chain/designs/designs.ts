import { activeCitizen2017 } from './activeCitizen2017.ts'
import { anchored } from './anchored.ts'
import type { Design } from './Design.ts'
import { direct } from './direct.ts'
import { legacy } from './legacy.ts'
import { relayed } from './relayed.ts'

/** The designs from the most trust to the least, as help and comparison list them. */
export const designs: readonly Design[] = [legacy, activeCitizen2017, anchored, relayed, direct]
